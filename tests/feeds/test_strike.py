"""A story that may not be shown any more goes, even from a feed that cannot be built."""

import pytest
import sqlalchemy as sa
from sqlmodel import col

from publisher.feeds.claims import PATIENCE
from publisher.feeds.compress import SUFFIXES
from publisher.feeds.files import Published
from publisher.feeds.publish import build_due
from publisher.newsroom import acts
from publisher.newsroom.models import ArticleVersionRow
from publisher.store import Runtime
from tests.feeds.samples import (
    DECODE,
    EDITOR,
    article,
    bring,
    document,
    feed_row,
    follow,
    path,
    story,
    titles,
)
from tests.services.runtimes import Clock

FORMATS = ("rss", "atom", "json")
BROKEN = {"image": {"url": 7}, "content_hash": "0" * 64}  # what was written is kept by its hash
MENDED = {"image": None, "content_hash": "1" * 64}
SLUGS = ("all", "harbour", "tag-lamps")


@pytest.fixture
def _broken(runtime: Runtime, clock: Clock) -> None:
    """A goal that may be shown, and lights that cannot be written any more."""
    bring(runtime, story(), story("goal", title="A goal"))
    with runtime.sessions.begin() as session:
        session.execute(
            sa.update(ArticleVersionRow)
            .where(col(ArticleVersionRow.title) != "A goal")
            .values(BROKEN)
        )
    clock.advance(minutes=5)


@pytest.mark.usefixtures("_broken")
@pytest.mark.parametrize("act", ["kill", "withdraw", "hold"])
def test_a_story_taken_out_goes_though_the_rest_cannot_be_written(
    runtime: Runtime, act: str
) -> None:
    _act(runtime, act, "goal")
    for slug in SLUGS:
        assert "Not one story could be written" in (feed_row(runtime, slug).problem or "")
        for fmt in FORMATS:
            text = document(runtime, fmt, slug)
            assert titles(text, fmt) == ["Harbour lights return to Port Ellery"]
            for encoding, suffix in SUFFIXES.items():
                packed = path(runtime, fmt, slug).with_name(f"{slug}.{fmt}{suffix}")
                assert DECODE[encoding](packed.read_bytes()) == text


@pytest.mark.usefixtures("_broken")
def test_its_leaving_moves_both_validators(runtime: Runtime) -> None:
    published = Published(runtime.settings.public_folder)
    before = published.answer("/feeds/all.rss").headers
    _act(runtime, "kill", "goal")
    after = published.answer("/feeds/all.rss").headers
    assert after["ETag"] != before["ETag"]
    assert after["Last-Modified"] != before["Last-Modified"]
    assert feed_row(runtime).changed_at == runtime.clock()


@pytest.mark.usefixtures("_broken")
def test_once_it_can_be_written_the_tombstone_stands_there(runtime: Runtime, clock: Clock) -> None:
    _act(runtime, "kill", "goal")
    with runtime.sessions.begin() as session:
        session.execute(sa.update(ArticleVersionRow).values(MENDED))
    clock.now += PATIENCE
    build_due(runtime)
    assert b"deleted-entry " in document(runtime, "atom")
    assert feed_row(runtime).problem is None


def _act(runtime: Runtime, name: str, external_id: str) -> None:
    with runtime.sessions.begin() as session:
        row = article(session, external_id)
        getattr(acts, name)(session, row, "Not true.", by=EDITOR, now=runtime.clock())
    follow(runtime)
