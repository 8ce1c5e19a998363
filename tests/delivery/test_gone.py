"""Addresses that their own server does not know: not written to again, unless it is too many."""

from datetime import timedelta

import pytest
from sqlmodel import select

from publisher.accounts.models import AuditRow
from publisher.audience.models import SuppressionRow
from publisher.audience.subscribers import suppress
from publisher.audience.suppression import unsuppress
from publisher.delivery.gone import FEW, Surge, suppress_gone, surges
from publisher.editions.models import EditionRow, EditionState
from publisher.errors import NotFoundError, RefusedError
from tests.delivery.post import pass_time, readers_at, reasons
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

GONE = "550 5.1.1 no such user"
BIG = "big.example"


def test_a_reader_whose_address_is_gone_is_suppressed_once(
    world: World, smtp_server: SmtpServer
) -> None:
    gone, *fine = _newsroom(world, 30)
    smtp_server.refuse[gone] = GONE
    edition = world.digest()
    world.send_all(edition)
    with world.runtime.sessions.begin() as session:
        suppress_gone(session, edition, world.now)
    world.story("regatta")
    again = world.digest()
    world.send_all(again)

    assert _suppressed(world) == ["bounced"]
    assert _acts(world) == ["address.suppress"]
    assert world.report(again).excluded == {"suppressed": 1}
    assert smtp_server.recipients() == [*fine, *fine]


@pytest.mark.parametrize(
    "said", ["550 5.7.1 no such user, by policy", "552 5.2.2 over quota", "450 5.1.1 unknown"]
)
def test_nothing_else_suppresses(world: World, smtp_server: SmtpServer, said: str) -> None:
    gone, *_ = _newsroom(world, 30)
    smtp_server.refuse[gone] = said
    world.send_all(world.digest())

    assert _suppressed(world) == []


def test_the_same_said_after_the_message_is_no_proof(world: World, smtp_server: SmtpServer) -> None:
    gone, *_ = _newsroom(world, 30)
    smtp_server.before_data = lambda envelope: GONE if gone in envelope.rcpt_tos else None
    edition = world.digest()
    world.send_all(edition)

    assert reasons(world, edition)[gone] == "hard_at_end"
    assert _suppressed(world) == []


def test_a_receiver_that_disowns_many_at_once_is_not_believed(
    world: World, smtp_server: SmtpServer
) -> None:
    addresses = _newsroom(world, 60)
    elsewhere = world.reader("ada", domain="small.example")
    smtp_server.refuse = dict.fromkeys([*addresses[: FEW + 1], elsewhere], GONE)
    edition = world.digest()
    world.send_all(edition)
    with world.runtime.sessions.begin() as session:
        suppress_gone(session, edition, world.now)

    assert len(_suppressed(world)) == 1
    assert sorted(_acts(world)) == ["address.suppress", "edition.surge"]
    with world.runtime.sessions.read() as session:
        row = session.get_one(EditionRow, edition)
        assert surges(session, row) == [Surge(BIG, FEW + 1, 60)]


@pytest.mark.parametrize(("readers", "gone"), [(25, FEW), (21 * 20 + 1, FEW + 1)])
def test_a_few_or_a_small_part_are_believed(
    world: World, smtp_server: SmtpServer, readers: int, gone: int
) -> None:
    addresses = _newsroom(world, readers)
    smtp_server.refuse = dict.fromkeys(addresses[:gone], GONE)
    world.send_all(world.digest())

    assert len(_suppressed(world)) == gone


def test_a_suppression_is_taken_back_by_hand(world: World, smtp_server: SmtpServer) -> None:
    gone, *_ = _newsroom(world, 1)
    smtp_server.refuse[gone] = GONE
    world.send_all(world.digest())
    smtp_server.refuse = {}
    with world.runtime.sessions.begin() as session:
        unsuppress(session, gone.upper(), key=world.secret, by=EDITOR, now=world.now)
    world.send_all(world.digest())

    assert smtp_server.recipients() == [gone]
    assert _acts(world) == ["address.suppress", "address.unsuppress"]


def test_what_was_taken_back_by_hand_stays_so_when_the_edition_ends_again(
    world: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    gone, later = _newsroom(world, 2)
    smtp_server.refuse = {gone: GONE, later: "450 4.2.0 try later"}
    edition = world.digest()
    world.send_all(edition)
    clock.advance(minutes=1)
    with world.runtime.sessions.begin() as session:
        unsuppress(session, gone, key=world.secret, by=EDITOR, now=world.now)
    smtp_server.refuse = {}
    pass_time(world, clock, edition, timedelta(minutes=10))

    assert world.row(edition).state == EditionState.SENT
    assert (_suppressed(world), smtp_server.recipients()) == ([], [later])

    smtp_server.refuse = {gone: GONE}
    world.send_all(world.digest())
    assert _suppressed(world) == ["bounced"]


@pytest.mark.parametrize("reason", ["complained", "erased"])
def test_what_a_reader_asked_for_is_not_taken_back(world: World, reason: str) -> None:
    (address,) = _newsroom(world, 1)
    with world.runtime.sessions.begin() as session:
        with pytest.raises(NotFoundError):
            unsuppress(session, address, key=world.secret, by=EDITOR, now=world.now)
        suppress(session, address, reason, key=world.secret, by=EDITOR, now=world.now)
        with pytest.raises(RefusedError, match="not ours to take back"):
            unsuppress(session, address, key=world.secret, by=EDITOR, now=world.now)


def _newsroom(world: World, count: int) -> list[str]:
    world.newsletter()
    world.story("ferry")
    return readers_at(world, BIG, count)


def _suppressed(world: World) -> list[str]:
    with world.runtime.sessions.read() as session:
        return list(session.exec(select(SuppressionRow.reason)))


def _acts(world: World) -> list[str]:
    wanted = ("address.suppress", "address.unsuppress", "edition.surge")
    with world.runtime.sessions.read() as session:
        acts = session.exec(select(AuditRow.action).order_by(AuditRow.id))  # type: ignore[arg-type]
        return [act for act in acts if act in wanted]
