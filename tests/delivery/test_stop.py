"""A stop is final: whatever goes on at that moment, nobody waits in a stopped edition for ever."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select

from publisher.delivery.claim import LEASE, claim_batch
from publisher.delivery.send import send_batch
from publisher.delivery.sweep import sweep
from publisher.editions.commands import stop
from publisher.editions.find import find_edition
from publisher.editions.models import BatchRow, BatchState
from tests.delivery.test_midway import at_message
from tests.delivery.windows import take_window
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

READERS = 60


@pytest.fixture
def edition(world: World) -> int:
    """Sixty readers and one story, enlisted."""
    world.newsletter()
    world.readers(READERS)
    world.story("ferry")
    return world.digest()


def test_a_worker_who_comes_while_it_is_stopped_mails_nobody_whose_row_says_withdrawn(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    with ThreadPoolExecutor(1) as workers:

        def worker(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("UPDATE delivery"):  # of a million rows it takes seconds
                with suppress(TimeoutError):
                    workers.submit(send_batch, world.carrier, edition, 0).result(timeout=0.5)

        with world.runtime.sessions.begin() as session:
            event.listen(session.connection(), "after_cursor_execute", worker)
            stop(session, find_edition(session, str(edition)), by=EDITOR, now=world.now)

    report = world.report(edition)
    assert report.accepted == len(smtp_server.messages)
    assert report.withdrawn == {"stopped": READERS - report.accepted}
    assert _open_batches(world, edition) == []


def test_who_was_to_be_tried_again_is_withdrawn_with_the_others(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse["reader0003@reader.example"] = "450 4.2.0 try later"
    at_message(smtp_server, 20, lambda: _stop(world, edition))

    world.send_all(edition)
    sweep(world.runtime)

    report = world.report(edition)
    assert (report.accepted, report.deferred, report.withdrawn) == (49, 0, {"stopped": 11})
    assert report.adds_up


def test_what_a_host_lost_for_good_was_sending_is_settled_when_its_lease_lapses(
    world: World, edition: int, clock: Clock
) -> None:
    with world.runtime.sessions.begin() as session:
        claim = claim_batch(session, edition, 0, "lost", clock.now)
        assert claim is not None
        assert len(take_window(session, claim, clock.now).readers) == 50
    _stop(world, edition)
    sweep(world.runtime)
    assert world.report(edition).queued == READERS  # it may be alive

    clock.now += LEASE + timedelta(seconds=1)
    sweep(world.runtime)

    report = world.report(edition)
    assert (report.queued, report.uncertain, report.withdrawn) == (0, 50, {"stopped": 10})
    assert report.adds_up
    assert _open_batches(world, edition) == []


def _stop(world: World, edition: int) -> None:
    with world.runtime.sessions.begin() as session:
        stop(session, find_edition(session, str(edition)), by=EDITOR, now=world.now)


def _open_batches(world: World, edition: int) -> list[int]:
    statement = select(BatchRow.no).where(
        BatchRow.edition_id == edition, BatchRow.state != BatchState.DONE
    )
    with world.runtime.sessions.read() as session:
        return list(session.exec(statement))
