"""No message goes out that cannot be noted down: a full disk pauses, loses and doubles nothing."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from publisher.delivery.journal import Journal, read_lines
from publisher.delivery.sweep import sweep
from publisher.editions.models import EditionState
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import World

READERS = 60
FULL = Path("/dev/full")


@pytest.fixture
def sending(world: World) -> int:
    """An edition of sixty readers, enlisted."""
    world.newsletter()
    world.readers(READERS)
    world.story("ferry")
    return world.digest()


def test_without_a_journal_nothing_is_sent_and_the_desk_is_told_why(
    world: World, sending: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    folder = world.runtime.settings.journal_folder
    folder.rmdir()
    folder.touch()
    world.send_all(sending)
    for _ in range(3):
        clock.advance(minutes=2)
        sweep(world.runtime)

    row = world.row(sending)
    assert row.state == EditionState.PAUSED
    assert (row.reason or "").startswith(f"The journal in {folder} cannot be written (")
    assert row.resume_at is not None
    assert (row.resume_at > clock.now, smtp_server.messages) == (True, [])

    folder.unlink()
    _go_on(world, sending, clock)
    _assert_each_once(world, sending, smtp_server)


@pytest.mark.skipif(not FULL.exists(), reason=f"there is no {FULL} to write to")
@pytest.mark.parametrize("lines", [0, 1, 20, 21, 101])
def test_a_disk_that_fills_up_in_the_middle_stops_the_edition_between_two_messages(
    world: World, sending: int, clock: Clock, smtp_server: SmtpServer, lines: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "_append", _full_after(lines))
        world.send_all(sending)

    row, report = world.row(sending), world.report(sending)
    assert row.state == EditionState.PAUSED
    assert "No space left on device" in (row.reason or "")
    assert row.resume_at is not None
    assert (report.accepted, report.uncertain) == (len(smtp_server.messages), 0)
    assert report.accepted == lines // 2  # the first line tells the start of the machine

    _go_on(world, sending, clock)
    _assert_each_once(world, sending, smtp_server)


def test_lines_that_a_full_disk_cut_short_are_passed_over() -> None:
    lines = read_lines("S 1\nA 1 250\nS 2A 2S 3\nA 3 \nS 4\nA 4S 5\n")

    assert (lines.answered, lines.offered) == ({1: 250}, {4})


def _full_after(lines: int) -> Callable[[Journal, str], None]:
    """Appends so many lines; from then on the disk is full."""
    append = vars(Journal)["_append"]
    left = lines

    def appended(journal: Journal, text: str) -> None:
        nonlocal left
        room = text.splitlines(keepends=True)[:left]
        left -= len(room)
        append(journal, "".join(room))
        if text.count("\n") > len(room):
            full = os.open(FULL, os.O_WRONLY)
            try:
                os.write(full, text.encode())
            finally:
                os.close(full)

    return appended


def _go_on(world: World, edition: int, clock: Clock) -> None:
    clock.advance(minutes=2)
    sweep(world.runtime)
    world.send_all(edition)


def _assert_each_once(world: World, edition: int, server: SmtpServer) -> None:
    assert Counter(server.recipients()).most_common(1)[0][1] == 1
    assert (len(server.messages), world.row(edition).state) == (READERS, EditionState.SENT)
    assert _left(world.runtime.settings.journal_folder) == []


def _left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]
