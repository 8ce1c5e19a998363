"""A worker is gone in the middle of a batch: nobody is missed, nobody is mailed twice."""

import fcntl
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.delivery.carrier import Carrier
from publisher.delivery.claim import LEASE, claim_batch
from publisher.delivery.journal import SUFFIX, Journal, abandoned, read_lines
from publisher.delivery.recover import recover
from publisher.delivery.send import send_batch
from publisher.delivery.sweep import sweep
from publisher.editions.models import EditionState
from tests.delivery.lost import WorkerLostError, send_until_lost
from tests.delivery.test_midway import at_message
from tests.delivery.windows import take_window
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import World


@pytest.fixture
def sending(world: World) -> int:
    """An edition of 120 readers, enlisted."""
    world.newsletter()
    world.readers(120)
    world.story("ferry")
    return world.digest()


def test_what_the_journal_says_was_sent_is_not_sent_again(
    world: World, sending: int, smtp_server: SmtpServer
) -> None:
    send_until_lost(world, sending, after=70)

    assert recover(world.runtime) == 1
    send_batch(world.carrier, sending, 0)

    assert len(smtp_server.messages) == len(set(smtp_server.recipients())) == 120
    report = world.report(sending)
    assert (report.accepted, report.uncertain) == (119, 1)
    assert report.adds_up


def test_a_journal_is_asked_even_when_the_lease_lapsed_before_anybody_looked(
    world: World, sending: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    send_until_lost(world, sending, after=70)
    clock.now += LEASE + timedelta(seconds=1)

    send_batch(world.carrier, sending, 0)

    assert len(smtp_server.messages) == len(set(smtp_server.recipients())) == 120
    assert (world.report(sending).accepted, world.report(sending).uncertain) == (119, 1)


def test_a_journal_taken_for_a_lost_workers_before_it_was_held_is_made_anew(
    world: World, sending: int
) -> None:
    folder = world.runtime.settings.journal_folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sending}-0-quick{SUFFIX}"
    path.touch()
    with abandoned(path):
        opening = threading.Thread(target=_open_journal, args=(folder, sending))
        opening.start()
    opening.join()
    assert path.read_text(encoding="ascii").splitlines()[1:] == ["S 7"]


def test_what_was_heard_is_in_the_journal_with_the_next_offer_or_when_it_breaks_off(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path, 1, 0, "lost")
    journal.offering(7)
    journal.answered(7, 250)
    assert read_lines(journal.path.read_text()).offered == {7}
    journal.offering(8)
    assert read_lines(journal.path.read_text()).answered == {7: 250}
    journal.not_taken(8)
    journal.__exit__(OSError, None, None)

    lines = read_lines(journal.path.read_text())
    assert (lines.answered, lines.offered) == ({7: 250}, set())


def test_a_living_worker_is_left_alone(world: World, sending: int) -> None:
    folder = world.runtime.settings.journal_folder
    with Journal(folder, sending, 0, "alive"):
        assert recover(world.runtime) == 0


def test_a_worker_that_ends_well_while_its_journal_is_looked_at_is_left_alone(
    world: World, sending: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world.runtime.settings.journal_folder
    journal = Journal(folder, sending, 0, "quick")
    lock = fcntl.flock

    def end_first(handle: int, how: int) -> None:
        if how & fcntl.LOCK_NB:
            journal.__exit__(None, None, None)
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", end_first)
    assert recover(world.runtime) == 0


def test_a_worker_lost_when_its_sender_was_refused_blames_no_reader(
    world: World, sending: int, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object, **__: object) -> None:
        raise WorkerLostError

    smtp_server.refuse_sender = "550 5.7.1 sender not allowed"
    monkeypatch.setattr("publisher.delivery.send.hold_edition", lose)
    with pytest.raises(WorkerLostError):
        send_batch(world.carrier, sending, 0)

    assert recover(world.runtime) == 1
    assert (world.report(sending).queued, world.report(sending).refused) == (120, 0)


def test_without_a_journal_one_window_at_most_is_uncertain(
    world: World, sending: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    send_until_lost(world, sending, after=70)
    for journal in world.runtime.settings.journal_folder.iterdir():
        journal.unlink()

    send_batch(world.carrier, sending, 0)
    assert world.report(sending).accepted == 50
    clock.now += LEASE + timedelta(seconds=1)
    send_batch(world.carrier, sending, 0)

    report = world.report(sending)
    assert (report.accepted, report.uncertain) == (70, 50)
    assert report.adds_up


def test_a_worker_that_lost_its_lease_stops_at_the_next_window(
    world: World, sending: int, clock: Clock
) -> None:
    with world.runtime.sessions.begin() as session:
        slow = claim_batch(session, sending, 0, "slow", clock.now)
    assert slow is not None
    clock.now += LEASE + timedelta(seconds=1)
    with world.runtime.sessions.begin() as session:
        assert claim_batch(session, sending, 0, "quick", clock.now) is not None

    with world.runtime.sessions.begin() as session:
        assert not take_window(session, slow, clock.now).readers


def test_a_clock_that_jumps_ahead_does_not_put_a_living_workers_mails_in_doubt(
    world: World, sending: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    def jump() -> None:
        """As when a laptop wakes: every lease has lapsed, and its workers go on."""
        clock.now += timedelta(days=1)
        sweep(world.runtime)
        other = Carrier(world.runtime)
        send_batch(other, sending, 0)
        other.hang_up()

    at_message(smtp_server, 20, jump)

    send_batch(world.carrier, sending, 0)

    assert len(smtp_server.messages) == len(set(smtp_server.recipients())) == 120
    report = world.report(sending)
    assert (report.accepted, report.uncertain) == (120, 0)


def test_a_lost_connection_before_the_message_ended_loses_nothing(
    world: World, sending: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    smtp_server.stop()

    world.send_all(sending)

    assert world.report(sending).queued == 120
    assert "mail server" in (world.row(sending).reason or "")
    assert world.row(sending).state == EditionState.SENDING


def test_a_journal_cut_short_in_its_last_line_is_read_up_to_there() -> None:
    lines = read_lines("S 1\nA 1 250\nS 2\nN 2\nS 3\nA 3 2")

    assert (lines.answered, lines.offered) == ({1: 250}, {3})


def _open_journal(folder: Path, edition: int) -> None:
    Journal(folder, edition, 0, "quick").offering(7)
