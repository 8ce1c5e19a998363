"""What must not be said is said nowhere: every state, every format, every scope."""

import shutil
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from publisher.feeds.compress import SUFFIXES
from publisher.feeds.publish import build_due
from publisher.feeds.swap import STAGED
from publisher.newsroom import acts
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleState
from publisher.newsroom.states import LIVE
from publisher.store import Runtime
from tests.feeds.archives import make_small
from tests.feeds.samples import DECODE, EDITOR, article, bring, follow, story
from tests.services.runtimes import Clock
from tests.world import World

SENTINELS = ("Zirconium", "Obsidian", "Malachite", "Beryl", "Tourmaline")
SCOPES = {
    "all",
    "amethyst",
    "author-peridot-smith",
    "language-en",
    "language-nl",
    "newsletter-gems",
    "tag-jade",
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stories leave for archives early, so that archives are tested, too."""
    make_small(monkeypatch)


@pytest.fixture
def _world(runtime: Runtime) -> None:
    World(runtime).newsletter("gems", name="Gems")
    bring(runtime, _open("open"), _open("offen", language="nl"))


@pytest.mark.usefixtures("_world")
def test_a_story_in_another_state_than_published_is_in_no_document(
    runtime: Runtime, clock: Clock
) -> None:
    cases = list(product(sorted(set(ArticleState) - {ArticleState.PUBLISHED}), (True, False)))
    names = [f"{state}-{'was out' if was_out else 'never out'}" for state, was_out in cases]
    bring(runtime, *(_secret(name) for name in names))
    assert any("Zirconium" in text for path, text in _documents(runtime) if "archive" in path)
    with runtime.sessions.begin() as session:
        for name, (state, was_out) in zip(names, cases, strict=True):
            row = article(session, name)
            row.state = state
            row.eligible_at = row.eligible_at if was_out else None
            row.left_at = None if state in LIVE else clock.now
    _rebuild(runtime)
    _assert_silent(runtime)


@pytest.mark.usefixtures("_world")
def test_an_embargo_holds_whatever_the_state_says(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, *(_secret(f"secret{number}") for number in range(6)))
    with runtime.sessions.begin() as session:
        for number in range(6):
            article(session, f"secret{number}").embargo_until = clock.now + timedelta(hours=1)
    _rebuild(runtime)
    _assert_silent(runtime)


@pytest.mark.usefixtures("_world")
@pytest.mark.parametrize("act", ["kill", "withdraw", "hold"])
def test_what_is_taken_out_is_in_no_document(runtime: Runtime, act: str) -> None:
    names = [f"secret{number}" for number in range(6)]
    bring(runtime, *map(_secret, names))
    with runtime.sessions.begin() as session:
        for name in names:
            getattr(acts, act)(
                session, article(session, name), "Tourmaline", by=EDITOR, now=runtime.clock()
            )
    follow(runtime)
    _assert_silent(runtime)


def test_an_embargoed_story_does_not_even_name_its_section_author_or_tags(
    runtime: Runtime, clock: Clock
) -> None:
    bring(runtime, _open("open"))
    bring(runtime, _secret("secret", embargo_until=clock.now + timedelta(hours=1)))
    bring(runtime, _secret("held", embargo_held=True))
    words = ("amethyst", "Amethyst", "peridot", "Peridot", "jade")
    found = [
        (path, word)
        for path, text in _documents(runtime)
        for word in words
        if word in path or word in text
    ]
    assert found == []
    _assert_silent(runtime, scopes={"all"})


def test_a_story_killed_before_it_went_out_has_no_tombstone(runtime: Runtime) -> None:
    bring(runtime, _secret("secret", signal="kill", note="Obsidian"))
    assert all("deleted-entry " not in text for _, text in _documents(runtime))


@pytest.mark.usefixtures("_world")
@pytest.mark.parametrize("rights", ["unknown", "summary"])
def test_without_the_rights_only_the_summary_leaves(runtime: Runtime, rights: str) -> None:
    bring(runtime, *(_secret(f"secret{number}", rights_status=rights) for number in range(6)))
    documents = _documents(runtime)
    assert any("Obsidian" in text for path, text in documents if "archive" in path)
    assert all("Malachite" not in text for _, text in documents)


@pytest.mark.usefixtures("_world")
def test_a_tag_of_which_nothing_is_out_is_not_listed(runtime: Runtime) -> None:
    bring(runtime, _secret("secret"))
    assert "tag-jade.rss" in dict(_documents(runtime))["feeds.opml"]
    with runtime.sessions.begin() as session:
        acts.kill(session, article(session, "secret"), "So.", by=EDITOR, now=runtime.clock())
    follow(runtime)
    assert "jade" not in dict(_documents(runtime))["feeds.opml"]


def _assert_silent(runtime: Runtime, scopes: set[str] = SCOPES) -> None:
    documents = _documents(runtime)
    names = {Path(path).stem for path, _ in documents}
    assert scopes | {"sitemap-news", "feeds"} <= names
    found = [(path, one) for path, text in documents for one in SENTINELS if one in text]
    assert found == []


def _open(external_id: str, **changes: object) -> Incoming:
    fields = {"byline": "Tom Reed", "tags": ("lamps",), "section": "harbour"}
    return story(external_id, **{**fields, **changes})


def _secret(external_id: str, **changes: object) -> Incoming:
    fields = {
        "title": "Zirconium in the harbour",
        "summary": "Obsidian was found.",
        "paragraphs": ("Obsidian was found.", "Malachite too."),
        "body_html": "<p>Obsidian was found.</p><p>Malachite too.</p>",
        "byline": "Peridot Smith",
        "section": "amethyst",
        "section_name": "Amethyst",
        "tags": ("jade",),
        "dateline": None,
        "image": None,
        "credit": "Beryl",
    }
    return story(external_id, **{**fields, **changes})


def _rebuild(runtime: Runtime) -> None:
    """Everything is written again, whether or not an event asked for it."""
    shutil.rmtree(runtime.settings.public_folder)
    build_due(runtime)


def _documents(runtime: Runtime) -> list[tuple[str, str]]:
    """Every file that is up, by its path, decompressed."""
    public = runtime.settings.public_folder
    by_suffix = {suffix: DECODE[name] for name, suffix in SUFFIXES.items()}
    return [
        (
            str(path.relative_to(public)),
            by_suffix.get(path.suffix, bytes)(path.read_bytes()).decode(),
        )
        for path in sorted(public.rglob("*"))
        if path.is_file() and STAGED not in path.parts
    ]
