"""What must not be said is said to no partner: every state, every format, feed and item."""

from datetime import timedelta
from itertools import product

import pytest
from sqlmodel import col, select

from publisher.newsroom import acts
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleRow, ArticleState
from publisher.newsroom.states import LIVE
from publisher.store import Runtime
from tests.feeds.partners import FORMATS, Puller, partner, puller
from tests.feeds.samples import EDITOR, article, bring, follow, story
from tests.services.runtimes import Clock
from tests.world import World

SENTINELS = (b"Zirconium", b"Obsidian", b"Malachite", b"Beryl", b"Tourmaline", b"Peridot", b"jade")
SCOPES = ("all", "harbour", "author-tom-reed", "tag-lamps", "language-en", "newsletter-gems")
CASES = list(product(sorted(set(ArticleState) - {ArticleState.PUBLISHED}), (True, False)))
NAMES = [f"{state}-{'was out' if was_out else 'never out'}" for state, was_out in CASES]


@pytest.fixture
def post(runtime: Runtime) -> Puller:
    """A partner of every scope there is, with whole texts, who has pulled each format before."""
    World(runtime).newsletter("gems", name="Gems")
    bring(runtime, story("open", byline="Tom Reed"), story("offen", language="nl"))
    return puller(runtime, partner(runtime, scopes=SCOPES))


def test_a_story_in_another_state_than_published_is_in_no_document(
    runtime: Runtime, clock: Clock, post: Puller
) -> None:
    bring(runtime, *map(_secret, NAMES))
    assert all(b"Malachite" in post.feed(fmt) for fmt in FORMATS)
    with runtime.sessions.begin() as session:
        for name, (state, was_out) in zip(NAMES, CASES, strict=True):
            row = article(session, name)
            row.state = state
            row.eligible_at = row.eligible_at if was_out else None
            row.left_at = None if state in LIVE else clock.now
    _assert_silent(runtime, post)
    follow(runtime)
    _assert_silent(runtime, puller(runtime, post.token))


def test_an_embargo_holds_whatever_the_state_says(
    runtime: Runtime, clock: Clock, post: Puller
) -> None:
    bring(runtime, *map(_secret, NAMES))
    assert b"Malachite" in post.feed("ninjs")
    with runtime.sessions.begin() as session:
        for name in NAMES:
            article(session, name).embargo_until = clock.now + timedelta(seconds=1)
    _assert_silent(runtime, post)


def test_a_story_that_waits_for_its_time_is_nowhere(
    runtime: Runtime, clock: Clock, post: Puller
) -> None:
    later = clock.now + timedelta(hours=1)
    bring(runtime, *(_secret(name, embargo_until=later) for name in NAMES))
    _assert_silent(runtime, post)
    with runtime.sessions.read() as session:
        uuid = article(session, NAMES[0]).uuid
    assert post.document(f"post/items/{uuid}.ninjs") is None


@pytest.mark.parametrize("act", ["kill", "withdraw", "hold"])
def test_what_is_taken_out_is_in_no_document(runtime: Runtime, post: Puller, act: str) -> None:
    bring(runtime, *map(_secret, NAMES))
    with runtime.sessions.begin() as session:
        for name in NAMES:
            getattr(acts, act)(
                session, article(session, name), "Tourmaline", by=EDITOR, now=runtime.clock()
            )
    _assert_silent(runtime, post)


def test_a_story_killed_before_it_went_out_leaves_no_trace(runtime: Runtime, post: Puller) -> None:
    bring(runtime, _secret("secret", signal="kill", note="Obsidian"))
    assert b"deleted-entry " not in post.feed("atom")
    assert b"canceled" not in post.feed("ninjs")
    with runtime.sessions.read() as session:
        uuid = article(session, "secret").uuid
    assert post.document(f"post/items/{uuid}.ninjs") is None


@pytest.mark.parametrize("rights", ["unknown", "summary"])
def test_without_the_rights_only_the_summary_leaves(
    runtime: Runtime, post: Puller, rights: str
) -> None:
    bring(runtime, *(_secret(name, rights_status=rights) for name in NAMES))
    found = _documents(runtime, post)
    assert any(b"Obsidian" in text for text in found)
    assert not any(b"Malachite" in text for text in found)


def _assert_silent(runtime: Runtime, post: Puller) -> None:
    found = _documents(runtime, post)
    assert [one for one in SENTINELS for text in found if one in text] == []
    assert all(b"Harbour lights" in text for text in found[: len(FORMATS)])


def _documents(runtime: Runtime, post: Puller) -> list[bytes]:
    """The feed in every format, and every item there is."""
    with runtime.sessions.read() as session:
        secret = col(ArticleRow.external_id).in_(NAMES)
        uuids = session.exec(select(ArticleRow.uuid).where(secret)).all()
    items = [post.document(f"post/items/{uuid}.ninjs") for uuid in uuids]
    feeds = [post.feed(fmt) for fmt in FORMATS]
    return [*feeds, *(item.bodies["identity"] for item in items if item is not None)]


def _secret(external_id: str, **changes: object) -> Incoming:
    fields = {
        "title": "Zirconium in the harbour",
        "summary": "Obsidian was found.",
        "paragraphs": ("Obsidian was found.", "Malachite too."),
        "body_html": "<p>Obsidian was found.</p><p>Malachite too.</p>",
        "byline": "Peridot Smith",
        "tags": ("jade", "lamps"),
        "image": None,
        "credit": "Beryl",
    }
    return story(external_id, **{**fields, **changes})
