"""A domain that blocks us is held, longer each time, until it takes a message; nobody is blamed."""

from datetime import timedelta

import pytest
from aiosmtpd.smtp import Envelope
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from publisher.accounts.models import AuditRow
from publisher.audience.models import SuppressionRow
from publisher.delivery.destinations import held_destinations, release
from publisher.delivery.strikes import FIRST_HOLD, LONGEST_HOLD, hold_of
from publisher.editions.models import DeliveryState, EditionState
from publisher.errors import NotFoundError, RefusedError
from tests.delivery.post import (
    SLOW,
    at_pace,
    destination,
    moments,
    pass_time,
    readers_at,
    reasons,
    states,
)
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

S = DeliveryState
BLOCKED = "550 5.7.1 Our system <b>blocks</b> you"


@pytest.fixture
def newsroom(world: World, smtp_server: SmtpServer) -> World:
    """A hundred readers of a domain that blocks us, ten of one that does not."""
    world.newsletter()
    for address in readers_at(world, SLOW, 100, "blocked"):
        smtp_server.refuse[address] = BLOCKED
    readers_at(world, "fast.example", 10)
    world.story("ferry")
    return world


def test_a_block_holds_the_domain_and_the_rest_goes_on(
    newsroom: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    edition = newsroom.digest()
    newsroom.send_all(edition)

    assert states(newsroom, edition) == {S.ACCEPTED: 10, S.REFUSED: 50, S.DEFERRED: 50}
    assert set(reasons(newsroom, edition).values()) == {None, "policy", "paced"}
    assert set(moments(newsroom, edition)) == {clock.now + FIRST_HOLD}
    with newsroom.runtime.sessions.read() as session:
        (held,) = held_destinations(session, clock.now)
    assert (held.domain, held.strikes, held.reason) == (SLOW, 1, BLOCKED)
    assert len(smtp_server.messages) == 10


def test_a_block_never_suppresses_anybody(newsroom: World, clock: Clock) -> None:
    edition = newsroom.digest()
    newsroom.send_all(edition)
    pass_time(newsroom, clock, edition, FIRST_HOLD)

    assert newsroom.row(edition).state == EditionState.SENT
    assert newsroom.report(edition).refused == 100
    with newsroom.runtime.sessions.read() as session:
        assert session.exec(select(SuppressionRow)).all() == []


def test_each_hold_is_longer_and_one_message_taken_ends_it(
    newsroom: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    newsroom.send_all(newsroom.digest())
    newsroom.story("regatta")
    clock.now += FIRST_HOLD
    again = newsroom.digest()
    newsroom.send_all(again)
    held = destination(newsroom)
    assert held is not None
    assert (held.strikes, held.held_until) == (2, clock.now + 2 * FIRST_HOLD)

    smtp_server.refuse = {}
    pass_time(newsroom, clock, again, 2 * FIRST_HOLD)

    assert destination(newsroom) is None
    assert newsroom.row(again).state == EditionState.SENT


def test_a_limit_outlives_the_hold(newsroom: World, smtp_server: SmtpServer, clock: Clock) -> None:
    at_pace(newsroom, connections=2)
    edition = newsroom.digest()
    newsroom.send_all(edition)
    smtp_server.refuse = {}
    pass_time(newsroom, clock, edition, FIRST_HOLD)

    kept = destination(newsroom)
    assert kept is not None
    assert (kept.connections, kept.strikes, kept.held_until) == (2, 0, None)


def test_a_rate_block_that_may_pass_holds_too(
    newsroom: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    smtp_server.refuse = dict.fromkeys(smtp_server.refuse, "451 4.7.28 unusual rate")
    edition = newsroom.digest()
    newsroom.send_all(edition)
    assert states(newsroom, edition) == {S.ACCEPTED: 10, S.DEFERRED: 100}
    assert sorted(set(reasons(newsroom, edition).values()) - {None}) == ["paced", "policy"]

    smtp_server.refuse = {}
    for _ in range(2):
        pass_time(newsroom, clock, edition, 2 * FIRST_HOLD)

    assert newsroom.report(edition).accepted == 110


def test_a_few_blocks_among_many_taken_hold_nothing(
    newsroom: World, smtp_server: SmtpServer
) -> None:
    for address in list(smtp_server.refuse)[5:]:
        del smtp_server.refuse[address]
    edition = newsroom.digest()
    newsroom.send_all(edition)

    assert destination(newsroom) is None
    assert newsroom.report(edition).refused == 5


@pytest.mark.parametrize("said", ["450 4.2.0 Greylisted", "452 4.2.2 full", "550 5.1.1 no such"])
def test_what_is_no_block_holds_nothing(
    newsroom: World, smtp_server: SmtpServer, said: str
) -> None:
    smtp_server.refuse = dict.fromkeys(smtp_server.refuse, said)
    newsroom.send_all(newsroom.digest())

    assert destination(newsroom) is None


def test_a_block_at_the_end_of_the_message_holds_too(
    newsroom: World, smtp_server: SmtpServer
) -> None:
    blocked, smtp_server.refuse = set(smtp_server.refuse), {}

    def answer(envelope: Envelope) -> str | None:
        return "554 5.7.1 spam" if envelope.rcpt_tos[0] in blocked else None

    smtp_server.before_data = answer
    newsroom.send_all(newsroom.digest())

    held = destination(newsroom)
    assert held is not None
    assert held.reason == "554 5.7.1 spam"


def test_a_release_sends_at_once_and_is_on_record(
    newsroom: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    edition = newsroom.digest()
    newsroom.send_all(edition)
    smtp_server.refuse = {}
    with newsroom.runtime.sessions.begin() as session:
        release(session, SLOW.upper(), by=EDITOR, now=clock.now)
    pass_time(newsroom, clock, edition, timedelta(seconds=1))

    assert newsroom.report(edition).accepted == 60
    with newsroom.runtime.sessions.read() as session:
        acts = session.exec(select(AuditRow.action).where(AuditRow.ref == SLOW)).all()
    assert list(acts) == ["destination.hold", "destination.release"]


def test_only_what_is_held_can_be_released(newsroom: World) -> None:
    at_pace(newsroom, per_minute=5)
    with newsroom.runtime.sessions.begin() as session:
        with pytest.raises(RefusedError, match="not held"):
            release(session, SLOW, by=EDITOR, now=newsroom.now)
        with pytest.raises(NotFoundError, match="held destination"):
            release(session, "other.example", by=EDITOR, now=newsroom.now)


@given(strikes=st.integers(0, 1_000_000))
def test_holds_grow_to_a_limit(strikes: int) -> None:
    assert FIRST_HOLD <= hold_of(strikes) <= hold_of(strikes + 1) <= LONGEST_HOLD
