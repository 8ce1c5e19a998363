"""What must not be said is said nowhere: every state, every format, every scope."""

from datetime import timedelta
from itertools import product

import pytest

from publisher.feeds.formats import FORMATS
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleState
from publisher.newsroom.states import LIVE
from publisher.store import Runtime
from tests.feeds.samples import article, bring, document, follow, path, story
from tests.services.runtimes import Clock

SENTINELS = ("Zirconium", "Obsidian", "Peridot", "Malachite")


def test_a_story_in_another_state_than_published_is_in_no_feed(
    runtime: Runtime, clock: Clock
) -> None:
    cases = list(product(sorted(set(ArticleState) - {ArticleState.PUBLISHED}), (True, False)))
    names = [f"{state}-{'was out' if was_out else 'never out'}" for state, was_out in cases]
    bring(runtime, story("open"), *(_secret(name) for name in names))
    with runtime.sessions.begin() as session:
        for name, (state, was_out) in zip(names, cases, strict=True):
            row = article(session, name)
            row.state = state
            row.eligible_at = row.eligible_at if was_out else None
            row.left_at = None if state in LIVE else clock.now
    _rebuild(runtime)
    _assert_silent(runtime)


def test_an_embargo_holds_whatever_the_state_says(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, _secret())
    with runtime.sessions.begin() as session:
        article(session, "secret").embargo_until = clock.now + timedelta(seconds=1)
    _rebuild(runtime)
    _assert_silent(runtime)


def test_an_embargoed_story_does_not_even_name_its_section(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, _secret(embargo_until=clock.now + timedelta(hours=1)))
    assert not path(runtime, "rss", "amethyst").exists()


def test_a_story_killed_before_it_went_out_has_no_tombstone(runtime: Runtime) -> None:
    bring(runtime, _secret(signal="kill", note="Obsidian"))
    assert all("deleted-entry " not in text for text in _everything(runtime))


@pytest.mark.parametrize("rights", ["unknown", "summary"])
def test_without_the_rights_only_the_summary_leaves(runtime: Runtime, rights: str) -> None:
    bring(runtime, _secret(rights_status=rights))
    texts = _everything(runtime)
    assert all("Obsidian" in text for text in texts)
    assert all("Malachite" not in text for text in texts)
    assert all("Read the story" in text for text in texts)


def _assert_silent(runtime: Runtime) -> None:
    texts = _everything(runtime)
    assert len(texts) == 2 * len(FORMATS)
    assert not [sentinel for text in texts for sentinel in SENTINELS if sentinel in text]


def _secret(external_id: str = "secret", **changes: object) -> Incoming:
    fields = {
        "title": "Zirconium in the harbour",
        "summary": "Obsidian was found.",
        "paragraphs": ("Obsidian was found.", "Malachite too."),
        "body_html": "<p>Obsidian was found.</p><p>Malachite too.</p>",
        "byline": "Peridot Smith",
        "section": "amethyst",
        "section_name": "Amethyst",
        "tags": (),
        "image": None,
    }
    return story(external_id, **{**fields, **changes})


def _rebuild(runtime: Runtime) -> None:
    """Everything is written again, whether or not an event asked for it."""
    for fmt, slug in product(FORMATS, ("all", "amethyst")):
        path(runtime, fmt.name, slug).unlink(missing_ok=True)
    follow(runtime)


def _everything(runtime: Runtime) -> list[str]:
    slugs = [slug for slug in ("all", "amethyst") if path(runtime, "rss", slug).exists()]
    return [document(runtime, fmt.name, slug).decode() for fmt, slug in product(FORMATS, slugs)]
