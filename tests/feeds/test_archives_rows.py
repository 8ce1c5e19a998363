"""Archives and what the databases make of them: kills, moves, large imports, lost files."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from publisher.feeds import publish
from publisher.feeds.publish import build_due
from publisher.store import Runtime
from tests.feeds.archives import (
    FORMATS,
    act,
    make_small,
    marks,
    nine,
    numbered,
    publish_one,
    walked,
)
from tests.feeds.samples import bring, titles, walk
from tests.services.runtimes import Clock


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


def test_a_killed_story_is_taken_out_of_its_archive(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    before = marks(runtime)
    act(runtime, "kill", "s3")
    assert [titles(text, "atom") for text in walk(runtime, "atom")][2] == ["s2"]
    current, _, holding, _ = walk(runtime, "atom")
    assert current.count(b"<at:deleted-entry ") == holding.count(b"<at:deleted-entry ") == 1
    assert all(b"s3 again" not in text for fmt in FORMATS for text in walk(runtime, fmt))
    changed = {name for name, mark in marks(runtime).items() if before.get(name) != mark}
    assert {name.partition(".")[0] for name in changed} == {"all/2", "harbour/2"}


def test_a_story_that_moves_leaves_the_archive_of_its_section(
    runtime: Runtime, clock: Clock
) -> None:
    nine(runtime, clock)
    bring(runtime, numbered(2, section="sport", section_name="Sport"))
    assert [titles(text, "rss") for text in walk(runtime, "rss", "harbour")][2] == ["s3"]
    assert [titles(text, "rss") for text in walk(runtime, "rss", "sport")] == [["s2"]]
    assert sorted(walked(runtime, "all")) == [f"s{number}" for number in range(9)]


def test_a_large_import_is_archived_in_several_builds(runtime: Runtime, clock: Clock) -> None:
    at = clock.now - timedelta(days=9)
    stories = [numbered(n, published_at=at + timedelta(hours=n)) for n in range(40)]
    bring(runtime, *stories)
    found = walked(runtime, "all")
    assert found == [f"s{number}" for number in reversed(range(40))]


def test_archives_that_are_lost_are_written_again(runtime: Runtime, clock: Clock) -> None:
    nine(runtime, clock)
    before = [walk(runtime, fmt) for fmt in FORMATS]
    for path in (runtime.settings.public_folder / "feeds" / "archive" / "all").glob("[0-9]*.*"):
        path.unlink()
    assert build_due(runtime) > 0
    assert [walk(runtime, fmt) for fmt in FORMATS] == before
    assert build_due(runtime) == 0


def test_a_story_killed_while_it_is_archived_is_in_no_archive(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        publish_one(runtime, clock, numbered(number))
    written = _between_reading_and_putting_up(
        monkeypatch, lambda: act(runtime, "kill", "s1", build_too=False)
    )
    publish_one(runtime, clock, numbered(4))
    assert written
    assert walked(runtime, "all") == ["s4", "s3", "s2", "s0"]
    assert all(b"s1 again" not in text for fmt in FORMATS for text in walk(runtime, fmt))


def _between_reading_and_putting_up(
    patch: pytest.MonkeyPatch, act: Callable[[], None]
) -> list[bool]:
    assembled, written = publish.assemble, []

    def and_then(*arguments: object) -> object:
        made = assembled(*arguments)  # type: ignore[arg-type]
        if made.archives and made.archives[0].sealed and not written:
            written.append(True)
            act()
        return made

    patch.setattr(publish, "assemble", and_then)
    return written
