"""Archives (RFC 5005): every story in one document, nothing rewritten idly."""

from collections.abc import Callable
from datetime import datetime, timedelta

import feedparser
import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.feeds import assemble
from publisher.feeds.directory import want_whole
from publisher.feeds.files import Published
from publisher.feeds.models import FeedArchiveRow
from publisher.feeds.publish import build_due
from publisher.feeds.select import Selection
from publisher.newsroom import acts
from publisher.store import Runtime
from tests.feeds.archives import (
    FORMATS,
    act,
    follow_up,
    make_small,
    marks,
    nine,
    numbered,
    publish_one,
    walked,
)
from tests.feeds.samples import EDITOR, article, feed_row, read, titles, walk
from tests.services.runtimes import Clock


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


def test_each_story_stands_in_one_document(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    for fmt in FORMATS:
        found = [titles(text, fmt) for text in walk(runtime, fmt)]
        assert found == [["s8", "s7", "s6"], ["s5", "s4"], ["s3", "s2"], ["s1", "s0"]]
        assert found == [titles(text, fmt) for text in walk(runtime, fmt, "harbour")]


def test_an_archive_says_that_it_is_one_and_of_what(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    for fmt in ("rss", "atom"):
        current, newest = (feedparser.parse(text).feed for text in walk(runtime, fmt)[:2])
        links = {link.rel: link.href for link in newest.links}
        assert links["self"] == f"http://127.0.0.1:8000/feeds/archive/all/3.{fmt}"
        assert links["current"] == f"http://127.0.0.1:8000/feeds/all.{fmt}"
        assert links["prev-archive"] == f"http://127.0.0.1:8000/feeds/archive/all/2.{fmt}"
        assert "fh_archive" in newest
        assert "fh_archive" not in current
        assert newest.get("id") == current.get("id")


def test_an_archive_is_served_like_a_feed(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    published = Published(runtime.settings.public_folder, hubs=["https://hub.example/"])
    answered = published.answer("/feeds/archive/all/1.rss")
    assert titles(answered.body, "rss") == ["s1", "s0"]
    assert "Link" not in answered.headers  # hubs know of the feed, not of its archives
    assert published.answer("/feeds/archive/all/0.rss").status == 404
    assert published.answer("/feeds/archive/all/../1.rss").status == 404


def test_news_rewrites_no_archive(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    before = marks(runtime)
    for number in range(9, 13):
        publish_one(runtime, clock, numbered(number))
    after = marks(runtime)
    assert after.items() >= before.items()
    assert len(after) > len(before)


def test_a_tombstone_stays_in_its_archive(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    act(runtime, "kill", "s3")
    clock.advance(days=91)
    with runtime.sessions.begin() as session:
        want_whole(session, "all")
    build_due(runtime)
    current, _, holding, _ = walk(runtime, "atom")
    assert b"<at:deleted-entry " not in current
    assert holding.count(b"<at:deleted-entry ") == 1


def test_a_correction_is_shown_where_the_story_is(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    at = clock.now
    act(runtime, "correct", "s0", "It was Tuesday.")
    for fmt in FORMATS:
        oldest = read(walk(runtime, fmt)[-1], fmt)[-1]
        assert oldest["content"].startswith("<p><strong>Correction:</strong> It was Tuesday.</p>")
        assert oldest["updated"] == at


def test_a_story_held_and_released_is_where_it_was(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    act(runtime, "hold", "s4")
    assert [titles(text, "rss") for text in walk(runtime, "rss")][1] == ["s5"]
    with runtime.sessions.begin() as session:
        acts.release(session, article(session, "s4"), by=EDITOR, now=clock.now)
    follow_up(runtime)
    assert [titles(text, "rss") for text in walk(runtime, "rss")][1] == ["s5", "s4"]


def test_what_comes_late_is_not_lost(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    before = clock.now - timedelta(days=30)
    publish_one(runtime, clock, numbered(99, published_at=before))
    publish_one(runtime, clock, numbered(98, published_at=before))
    assert sorted(walked(runtime, "all")) == sorted([*(f"s{n}" for n in range(9)), "s99", "s98"])


def test_an_archive_that_cannot_be_written_harms_neither_feed_nor_others(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    nine(runtime, clock)
    _break_archives(monkeypatch, lambda number: number == 2)
    with runtime.sessions.begin() as session:
        want_whole(session, "all")
        acts.kill(session, article(session, "s8"), "Not true.", by=EDITOR, now=clock.now)
        acts.kill(session, article(session, "s0"), "Not true.", by=EDITOR, now=clock.now)
    follow_up(runtime)
    assert walked(runtime, "all") == ["s7", "s6", "s5", "s4", "s3", "s2", "s1"]


def test_archives_that_cannot_be_written_do_not_keep_older_ones_from_it(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    nine(runtime, clock)
    _break_archives(monkeypatch, lambda number: number != 1)
    monkeypatch.setattr(assemble, "A_BUILD", 1)
    with runtime.sessions.begin() as session:
        want_whole(session, "all")
        acts.withdraw(session, article(session, "s0"), "Old.", by=EDITOR, now=clock.now)
    follow_up(runtime)
    stale = sa.select(col(FeedArchiveRow.number)).where(
        col(FeedArchiveRow.slug) == "all", col(FeedArchiveRow.built) < col(FeedArchiveRow.wanted)
    )
    with runtime.sessions.read() as session:
        numbers = set(session.execute(stale).scalars())
    assert numbers
    assert 1 not in numbers


def test_what_is_killed_leaves_the_archives_of_a_feed_that_cannot_be_built(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    nine(runtime, clock)

    def broken(*_: object) -> object:
        raise assemble.RefusedError("The feed is broken.")

    monkeypatch.setattr(assemble, "write_stories", broken)
    with runtime.sessions.begin() as session:
        acts.kill(session, article(session, "s0"), "Not true.", by=EDITOR, now=clock.now)
        acts.hold(session, article(session, "s8"), "In doubt.", by=EDITOR, now=clock.now)
    follow_up(runtime)
    assert walked(runtime, "all") == ["s7", "s6", "s5", "s4", "s3", "s2", "s1"]
    assert feed_row(runtime).problem == "Not built: The feed is broken."


def test_what_is_killed_leaves_an_archive_that_cannot_be_written(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    nine(runtime, clock)

    def broken(*_: object) -> object:
        raise assemble.RefusedError("Archives are broken.")

    with monkeypatch.context() as patch:
        patch.setattr(assemble, "archived", broken)
        with runtime.sessions.begin() as session:
            acts.kill(session, article(session, "s0"), "Not true.", by=EDITOR, now=clock.now)
        follow_up(runtime)
        assert walked(runtime, "all") == ["s8", "s7", "s6", "s5", "s4", "s3", "s2", "s1"]
        assert "Archive 1 not built" in (feed_row(runtime).problem or "")
    with runtime.sessions.begin() as session:
        want_whole(session, "all")
    follow_up(runtime)
    assert walked(runtime, "all") == ["s8", "s7", "s6", "s5", "s4", "s3", "s2", "s1"]
    assert feed_row(runtime).problem is None


def _break_archives(monkeypatch: pytest.MonkeyPatch, is_broken: Callable[[int], bool]) -> None:
    """Those with such a number cannot be written again."""
    written = assemble.archived

    def maybe(session: Session, slug: str, number: int, now: datetime) -> Selection:
        if is_broken(number):
            raise assemble.RefusedError("The archive is broken.")
        return written(session, slug, number, now)

    monkeypatch.setattr(assemble, "archived", maybe)
