"""How feeds do, and whether the documents that are up are as they should be."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from publisher.feeds.check import check_feed, problems_of
from publisher.feeds.files import Published
from publisher.feeds.formats import FORMATS
from publisher.feeds.health import FeedHealth, Reading, feed_health, program_readings, total
from publisher.feeds.models import FeedRow
from publisher.feeds.tally import Asked, keep
from publisher.store import Runtime
from tests.feeds.samples import NOON, bring, story

RSS, ATOM, _ = FORMATS


@pytest.fixture
def up(runtime: Runtime) -> Path:
    """The public folder of a newsroom with two stories."""
    bring(runtime, story(), story("goal", section="sport"))
    return runtime.settings.public_folder


def health_of(runtime: Runtime, slug: str) -> FeedHealth:
    with runtime.sessions.read() as session:
        found = feed_health(session, runtime.settings.public_folder, runtime.clock())
    return next(feed for feed in found if feed.slug == slug)


def count(runtime: Runtime, asked: Asked, times: int = 1, *, days_ago: int = 0) -> None:
    with runtime.sessions.begin() as session:
        keep(session, {asked: times}, runtime.clock() - timedelta(days=days_ago))


def test_a_feed_that_is_up_is_well(runtime: Runtime, up: Path) -> None:
    feed = health_of(runtime, "all")
    assert (feed.is_well, feed.entries, feed.problem) == (True, 2, None)
    assert feed.size == len((up / "feeds/all.rss").read_bytes())
    changed_at = (up / "feeds/all.rss").stat().st_mtime
    assert feed.changed_at == datetime.fromtimestamp(changed_at, UTC)
    assert feed.reading == Reading()
    assert feed.reading.unchanged_share is None


def test_a_feed_whose_file_is_lost_or_old_or_that_left_a_story_out_is_not_well(
    runtime: Runtime, up: Path
) -> None:
    (up / "feeds/sport.rss").unlink()
    with runtime.sessions.begin() as session:
        feeds = {feed.slug: feed for feed in session.exec(select(FeedRow))}
        feeds["harbour"].wanted_event += 1
        feeds["all"].problem = "Left out: “x”"
    assert health_of(runtime, "sport").size is None
    assert health_of(runtime, "harbour").up_to_date is False
    for slug in ("sport", "harbour", "all"):
        assert health_of(runtime, slug).is_well is False
    assert health_of(runtime, "author-mara-quill").is_well is True


def test_the_last_seven_days_are_added_up(runtime: Runtime, up: Path) -> None:
    for days_ago, readers in ((8, 5000), (6, 80), (0, 70)):
        agent = f"Feedly; {readers} subscribers".encode()
        count(runtime, ("feeds/all.rss", 304, agent), 3, days_ago=days_ago)
        count(runtime, ("feeds/all.atom", 200, agent), days_ago=days_ago)
    count(runtime, ("feeds/all.rss", 304, b"Inoreader; 20 subscribers"))
    count(runtime, ("feeds/sport.rss", 304, b"Inoreader; 4 subscribers"))
    reading = health_of(runtime, "all").reading
    assert reading == Reading(whole=2, unchanged=7, readers=80 + 80 + 20)
    assert reading.unchanged_share == pytest.approx(7 / 9)
    with runtime.sessions.read() as session:
        programs = program_readings(session, runtime.clock())
    assert [(one.name, one.reading) for one in programs] == [
        ("Feedly", Reading(2, 6, 160)),
        ("Inoreader", Reading(0, 2, 24)),
    ]
    assert total(one.reading for one in programs) == Reading(2, 8, 184)


def test_documents_that_are_up_pass_every_check(runtime: Runtime, up: Path) -> None:
    for slug in ("all", "sport", "author-mara-quill"):
        found = check_feed(Published(up), slug, runtime.clock())
        assert [(one.fmt, one.problems) for one in found] == [
            ("rss", ()),
            ("atom", ()),
            ("json", ()),
        ]
        assert {one.entries for one in found} == {1 if slug == "sport" else 2}


def wrong(runtime: Runtime, up: Path) -> str:
    found = check_feed(Published(up), "all", runtime.clock())
    return " ".join(problem for one in found for problem in one.problems)


def test_a_check_finds_what_is_wrong_with_files(runtime: Runtime, up: Path) -> None:
    path = up / "feeds/all.rss"
    at = path.stat().st_mtime_ns
    (up / "feeds/all.rss.gz").write_bytes(b"no gzip")
    _touch(up / "feeds/all.rss.gz", at)
    assert wrong(runtime, up) == "Its gzip file holds something else."
    path.write_bytes(path.read_bytes().replace(b"</channel>", b""))
    assert "It cannot be read" in wrong(runtime, up)
    _touch(path, int((NOON + timedelta(days=9000)).timestamp() * 1e9))
    assert "is in the future" in wrong(runtime, up)
    path.unlink()
    assert "It is not there" in wrong(runtime, up)


def test_a_check_finds_what_is_wrong_with_entries(up: Path) -> None:
    document = (up / "feeds/all.rss").read_bytes()
    start, end = document.index(b"<item>"), document.rindex(b"</channel>")
    items = document[start:end].replace(b"</item>", b"</item>|").split(b"|")[:2]
    twice = document[:start] + items[0] * 2 + document[end:]
    assert problems_of(RSS, twice) == (2, ("Two entries have the same id.",))
    newer = items[1].replace(b" 2026 ", b" 2027 ")
    assert problems_of(RSS, document[:start] + items[0] + newer + document[end:]) == (
        2,
        ("The entries are not in order, newest first.",),
    )
    assert problems_of(RSS, document.replace(b"<guid", b"<x").replace(b"</guid", b"</x"))[1]
    assert problems_of(ATOM, b"")[1]


def _touch(path: Path, at_ns: int) -> None:
    os.utime(path, ns=(at_ns, at_ns))
