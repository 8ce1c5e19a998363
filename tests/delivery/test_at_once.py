"""Two who act on an edition at the same moment: neither undoes what the other does."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import col

from publisher.audience.models import SubscriberRow, SubscriberState
from publisher.delivery.claim import Claim, claim_batch
from publisher.delivery.doubts import resend
from publisher.delivery.sweep import requeue_deferred, sweep
from publisher.delivery.window import Window
from publisher.editions.find import find_edition
from publisher.editions.models import BatchRow, DeliveryRow, EditionRow, EditionState
from publisher.editions.variants import add_batch
from publisher.newsroom.acts import kill
from publisher.newsroom.find import find_article
from tests.delivery.doubt import in_doubt
from tests.delivery.windows import take_window
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

Given = TypeVar("Given")
DOUBTFUL = ("reader0001@reader.example", "reader0003@reader.example")


@pytest.fixture
def edition(world: World, smtp_server: SmtpServer) -> int:
    """An edition of five readers: two are in doubt, and one is to be tried again."""
    smtp_server.refuse["reader0002@reader.example"] = "450 4.2.0 try later"
    return in_doubt(world, smtp_server, DOUBTFUL, readers=5)


def test_an_edition_does_not_end_while_an_editor_has_it_sent_again(
    world: World, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(world, smtp_server, DOUBTFUL, readers=5)
    with world.runtime.sessions.begin() as session:
        session.execute(sa.update(EditionRow).values(state=EditionState.SENDING))

    with ThreadPoolExecutor(1) as others, world.runtime.sessions.begin() as session:
        found = find_edition(session, str(edition))
        ending = _meanwhile(others, lambda: sweep(world.runtime))
        assert resend(session, found, by=EDITOR, now=world.now) == 2
    ending.result()

    assert world.row(edition).state == EditionState.SENDING
    world.send_all(edition)
    assert (world.report(edition).accepted, world.row(edition).state) == (5, EditionState.SENT)


def test_a_sweep_and_an_editor_who_make_batches_at_once_both_succeed(
    world: World, edition: int, clock: Clock, smtp_server: SmtpServer
) -> None:
    clock.advance(hours=1)
    smtp_server.refuse.clear()

    with ThreadPoolExecutor(1) as others:
        with world.runtime.sessions.begin() as session:
            assert requeue_deferred(session, clock.now) == 1
            sending = _meanwhile(others, lambda: _resend(world, edition))
        assert sending.result() == 2

    world.send_all(edition)
    assert (world.report(edition).accepted, world.row(edition).state) == (5, EditionState.SENT)


def test_two_workers_who_end_the_last_two_batches_at_once_leave_the_end_to_the_sweep(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    world.newsletter()
    world.reader("ada", sections=("local",))
    world.reader("ben", sections=("sport",))
    world.story("ferry", "local")
    world.story("regatta", "sport")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        session.execute(sa.text("UPDATE delivery SET state = 'accepted'"))
    first, second = _claimed(world, edition, 0), _claimed(world, edition, 1)

    with ThreadPoolExecutor(1) as others:
        with world.runtime.sessions.begin() as session:
            assert not take_window(session, first, clock.now).readers
            other = _meanwhile(others, lambda: _window(world, second))
        other.result()
    sweep(world.runtime)

    assert world.row(edition).state == EditionState.SENT


def test_who_is_erased_while_a_window_is_taken_puts_nobody_in_doubt(
    world: World, smtp_server: SmtpServer
) -> None:
    world.newsletter()
    world.readers(5)
    world.story("ferry")
    edition = world.digest()
    to_erase = ["reader0002@reader.example"]

    with ThreadPoolExecutor(1) as others:

        def leave(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if to_erase and statement.startswith("SELECT delivery.subscriber_id"):
                address = to_erase.pop()
                _meanwhile(others, lambda: _erase(world, address))

        event.listen(world.runtime.sessions.engine, "after_cursor_execute", leave)
        world.send_all(edition)
    world.send_all(edition)

    report = world.report(edition)
    assert (report.queued, report.uncertain, report.adds_up) == (0, 0, True)
    assert report.accepted == len(smtp_server.messages) >= 4


def test_two_workers_who_find_a_story_killed_at_once_both_go_on_without_it(world: World) -> None:
    world.newsletter()
    world.readers(2)
    world.story("ferry")
    world.story("regatta")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        variant = session.execute(sa.select(BatchRow.variant_id)).scalar_one()
        session.execute(
            sa.update(DeliveryRow)
            .values(batch_no=add_batch(session, edition, variant))
            .where(
                col(DeliveryRow.subscriber_id)
                == sa.select(sa.func.max(col(DeliveryRow.subscriber_id))).scalar_subquery()
            )
        )
        kill(session, find_article(session, "regatta"), "wrong", by=EDITOR, now=world.now)
    first, second = _claimed(world, edition, 0), _claimed(world, edition, 1)

    with ThreadPoolExecutor(1) as others:
        with world.runtime.sessions.begin() as session:
            one = take_window(session, first, world.now)
            taking = _meanwhile(others, lambda: _window(world, second))
        two = taking.result()

    assert one.variant_id == two.variant_id != variant
    assert (len(one.readers), len(two.readers)) == (1, 1)


def _meanwhile(others: ThreadPoolExecutor, act: Callable[[], Given]) -> Future[Given]:
    """Have it done by somebody else: at once, or where that waits for us, when we are done."""
    doing = others.submit(act)
    with suppress(TimeoutError):
        doing.result(timeout=0.5)
    return doing


def _resend(world: World, edition: int) -> int:
    with world.runtime.sessions.begin() as session:
        return resend(session, find_edition(session, str(edition)), by=EDITOR, now=world.now)


def _erase(world: World, address: str) -> None:
    with world.runtime.sessions.begin() as session:
        row = sa.update(SubscriberRow).where(col(SubscriberRow.address) == address)
        session.execute(row.values(state=SubscriberState.ERASED, address=None))


def _claimed(world: World, edition: int, no: int) -> Claim:
    with world.runtime.sessions.begin() as session:
        claim = claim_batch(session, edition, no, f"worker {no}", world.now)
    assert claim is not None
    return claim


def _window(world: World, claim: Claim) -> Window:
    with world.runtime.sessions.begin() as session:
        return take_window(session, claim, world.now)
