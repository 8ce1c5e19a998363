"""Putting documents up: whole, dated, and never backwards."""

import gzip
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.feeds.files import Published
from publisher.feeds.paths import archive_path, feed_path
from publisher.feeds.swap import STAGED, stage
from tests.feeds.samples import NOON


def test_two_changes_within_a_second_have_different_dates(tmp_path: Path) -> None:
    first = stage(tmp_path, {"all.rss": b"1"}).swap(NOON, None)
    second = stage(tmp_path, {"all.rss": b"2"}).swap(NOON + timedelta(milliseconds=300), first)
    assert first == NOON
    assert second == NOON + timedelta(seconds=1)


def test_a_clock_set_back_does_not_set_the_date_back(tmp_path: Path) -> None:
    stage(tmp_path, {"all.rss": b"1"}).swap(NOON, None)
    changed_at = stage(tmp_path, {"all.rss": b"2"}).swap(NOON - timedelta(hours=1), None)
    assert changed_at == NOON + timedelta(seconds=1)


def test_the_date_is_never_later_than_now_after_a_quiet_second(tmp_path: Path) -> None:
    stage(tmp_path, {"all.rss": b"1"}).swap(NOON, None)
    later = NOON + timedelta(minutes=5, milliseconds=900)
    assert stage(tmp_path, {"all.rss": b"2"}).swap(later, NOON) == NOON + timedelta(minutes=5)


def test_lost_files_come_back_with_a_later_date(tmp_path: Path) -> None:
    last_change = NOON + timedelta(hours=1)
    changed_at = stage(tmp_path, {"all.rss": b"1"}).swap(NOON, last_change)
    assert changed_at == last_change + timedelta(seconds=1)


def test_the_same_bytes_leave_the_file_alone(tmp_path: Path) -> None:
    stage(tmp_path, {"all.rss": b"1", "all.atom": b"1"}).swap(NOON, None)
    before = (tmp_path / "all.rss").stat()
    staged = stage(tmp_path, {"all.rss": b"1", "all.atom": b"2"})
    staged.swap(NOON + timedelta(hours=1), NOON)
    after = (tmp_path / "all.rss").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert _date(tmp_path / "all.atom") == NOON + timedelta(hours=1)


def test_nothing_new_is_no_change(tmp_path: Path) -> None:
    stage(tmp_path, {"all.rss": b"1"}).swap(NOON, None)
    assert stage(tmp_path, {"all.rss": b"1"}).swap(NOON + timedelta(hours=1), NOON) is None


def test_staged_documents_are_invisible_and_leave_nothing_behind(tmp_path: Path) -> None:
    stage(tmp_path, {"all.rss": b"1"})  # its builder dies here
    staged = stage(tmp_path, {"all.rss": b"2"})
    assert not (tmp_path / "all.rss").exists()
    staged.swap(NOON, None)
    assert [one.name for one in tmp_path.iterdir() if one.name != STAGED] == ["all.rss"]
    assert list((tmp_path / STAGED).iterdir()) == []


def test_a_feed_does_not_sweep_away_what_its_namesake_stages(tmp_path: Path) -> None:
    other = stage(tmp_path, {"all-news.rss": b"1"})
    stage(tmp_path, {"all.rss": b"1"}).swap(NOON, None)
    assert other.swap(NOON, None) == NOON


def test_what_a_builder_left_half_way_is_gone_though_the_document_is_as_it_was(
    tmp_path: Path,
) -> None:
    """Whoever serves the files itself would send the compressed one: it may hold a killed story."""
    before, after = b"lamps " * 99, b"moles " * 99
    stage(tmp_path, {"all.rss": before}).swap(NOON, None)
    dying = stage(tmp_path, {"all.rss": after})
    replace(dying, files=dying.files[:-1]).swap(NOON, None)
    assert gzip.decompress((tmp_path / "all.rss.gz").read_bytes()) == after
    stage(tmp_path, {"all.rss": before}).swap(NOON, None)
    assert gzip.decompress((tmp_path / "all.rss.gz").read_bytes()) == before
    assert stage(tmp_path, {"all.rss": before}).files == ()


@pytest.mark.parametrize("slug", ["../outside", "a/b", ".hidden", ""])
def test_a_slug_cannot_lead_out_of_the_folder(slug: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        feed_path(slug, "rss")
    with pytest.raises(ValueError, match="cannot be the name"):
        archive_path(slug, 1, "rss")


def test_readers_never_see_half_a_document(tmp_path: Path) -> None:
    published = Published(tmp_path)
    bodies = [bytes([48 + number]) * 300_000 for number in range(2)]
    stage(tmp_path / "feeds", {"all.rss": bodies[0]}).swap(NOON, None)
    stop, seen = threading.Event(), set()

    def look() -> None:
        while not stop.is_set():
            answer = published.answer("/feeds/all.rss")
            seen.add((answer.status, len(set(answer.body)), len(answer.body)))

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(200):
        stage(tmp_path / "feeds", {"all.rss": bodies[number % 2]}).swap(NOON, None)
    stop.set()
    reader.join()
    assert seen == {(200, 1, 300_000)}


def _date(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
