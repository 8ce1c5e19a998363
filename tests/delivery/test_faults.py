"""A mail server at its worst, and what one edition makes of it: nobody missed, nobody twice."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from aiosmtpd.smtp import Envelope
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from publisher.audience.models import SubscriberRow
from publisher.delivery.outcome import FIRST_WAIT, LONGEST_WAIT, next_try
from publisher.delivery.roll import deliveries_in
from publisher.delivery.sweep import sweep
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow, EditionState
from publisher.store import Runtime
from tests.mail.wire import Act, Director, Wire, at, wire
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import World

READERS = 12


class Trouble:
    """Puts one act in the way of a command as often as `times`, then lets everything pass."""

    def __init__(self, verb: str, act: Act, *, times: int) -> None:
        self.left = times
        self._verb = verb
        self._act = act

    def __call__(self, verb: str, _line: str) -> Act | None:
        if verb != self._verb or not self.left:
            return None
        self.left -= 1
        return self._act


@pytest.fixture
def newsroom(runtime: Runtime) -> World:
    """Twelve readers and a story; its mail server is for each test to choose."""
    world = World(runtime)
    world.newsletter()
    world.readers(READERS)
    world.story("ferry")
    return world


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_line_cut_before_a_message_was_whole_costs_nobody_anything(
    newsroom: World, clock: Clock, verb: str
) -> None:
    with mailing_over(newsroom, at(verb, b"", nth=3, hang_up=True)) as (world, server):
        edition = _settled(world, clock)

    _assert_each_once(world, edition, server.kept)
    assert world.report(edition).uncertain == 0


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "not kept"])
def test_a_line_cut_at_the_end_of_a_message_is_listed_as_uncertain_and_never_repeated(
    newsroom: World, clock: Clock, *, keep: bool
) -> None:
    with mailing_over(newsroom, at(".", b"", nth=3, keep=keep, hang_up=True)) as (world, server):
        edition = _settled(world, clock)

    (listed,) = _in_state(world, edition, DeliveryState.UNCERTAIN)
    assert (world.report(edition).accepted, len(server.kept)) == (READERS - 1, READERS - 1 + keep)
    assert (server.kept.count(listed), max(Counter(server.kept).values())) == (int(keep), 1)


@pytest.mark.parametrize("verb", ["", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_goes_down_is_waited_for_and_nobody_is_blamed(
    newsroom: World, clock: Clock, verb: str
) -> None:
    down = Trouble(verb, Act(b"421 4.3.2 going down\r\n", keep=False, hang_up=True), times=5)
    with mailing_over(newsroom, down) as (world, server):
        edition = _settled(world, clock)

    assert down.left == 0
    _assert_each_once(world, edition, server.kept)


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("RCPT", b"450 4.2.0 greylisted\r\n"),
        ("RCPT", b"452 4.2.2 mailbox full\r\n"),
        ("DATA", b"451 4.3.0 later\r\n"),
        (".", b"452 4.3.1 disk full\r\n"),
    ],
)
def test_a_no_for_now_is_asked_again_with_the_same_message(
    newsroom: World, clock: Clock, verb: str, said: bytes
) -> None:
    busy = Trouble(verb, Act(said, keep=False), times=4)
    with mailing_over(newsroom, busy) as (world, server):
        edition = _begun(world)
        assert world.report(edition).deferred == 4
        assert all(FIRST_WAIT * 0.8 <= wait <= FIRST_WAIT * 1.2 for wait in _waits(world, edition))
        _settle(world, clock, edition)

    _assert_each_once(world, edition, server.kept)


@given(attempts=st.integers(0, 1000), more=st.integers(1, 5))
def test_waits_grow_to_a_limit_and_are_spread(attempts: int, more: int) -> None:
    now = Clock().now
    wait = next_try(attempts, now) - now
    whole = min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT)

    assert whole * 0.8 <= wait <= whole * 1.2
    assert next_try(attempts + more, now) - now >= wait * 0.8 / 1.2
    assert len({next_try(attempts, now) for _ in range(20)}) > 1


def test_each_no_is_kept_with_its_words_and_harms_no_neighbour(
    world: World, smtp_server: SmtpServer
) -> None:
    world.newsletter()
    unknown, blocked, full, spam, *fine = world.readers(READERS)
    world.story("ferry")
    smtp_server.refuse = {unknown: "550 5.1.1 no such reader", blocked: "550 5.7.1 not from you"}
    at_the_end = {full: "552 5.2.2 over quota", spam: "554 5.7.1 spam"}
    smtp_server.before_data = lambda envelope: at_the_end.get(_reader_of(envelope))

    edition = world.digest()
    world.send_all(edition)

    assert sorted(smtp_server.recipients()) == fine
    assert _replies(world, edition) == {
        unknown: (550, "5.1.1 no such reader"),
        blocked: (550, "5.7.1 not from you"),
        full: (552, "5.2.2 over quota"),
        spam: (554, "5.7.1 spam"),
    }
    assert (world.row(edition).state, world.report(edition).adds_up) == (EditionState.SENT, True)


@pytest.mark.parametrize(
    "said",
    [
        b"550-5.1.1 one\r\n550-5.1.1 two\r\n550 5.1.1 three\r\n",
        b"550\r\n",
        b"550 5.1.1 \x00\xff\xfe\x1b[31mred\x1b[0m \xe2\x80\xae\r\n",
        b"550 5.1.1 " + b"no " * 3_300 + b"\r\n",
    ],
    ids=["many lines", "no words", "8 bit and controls", "10 kB"],
)
def test_whatever_a_server_says_is_kept_short_and_printable(newsroom: World, said: bytes) -> None:
    with mailing_over(newsroom, at("RCPT", said, nth=2)) as (world, server):
        edition = _begun(world)

    ((code, reply),) = _replies(world, edition).values()
    assert code == 550
    assert len(reply) <= 200
    assert reply.isprintable()
    assert len(server.kept) == READERS - 1


def test_garbage_after_a_message_leaves_that_one_uncertain_and_the_rest_goes_on(
    newsroom: World, clock: Clock
) -> None:
    with mailing_over(newsroom, at(".", b"\xff\x00 what?\r\n", nth=3)) as (world, server):
        edition = _settled(world, clock)

    assert (world.report(edition).uncertain, world.report(edition).accepted) == (1, READERS - 1)
    assert max(Counter(server.kept).values()) == 1


@contextmanager
def mailing_over(world: World, direct: Director) -> Iterator[tuple[World, Wire]]:
    """The same newsroom with a mail server that pipelines and answers as `direct` says."""
    with wire(direct) as server:
        relay = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_timeout": 5.0}
        settings = world.runtime.settings.model_copy(update=relay)
        mailing = World(Runtime(settings, world.runtime.sessions, world.runtime.clock))
        yield mailing, server
        mailing.carrier.hang_up()


def _settled(world: World, clock: Clock) -> int:
    """An edition, sent to its end however often it has to be asked again."""
    edition = _begun(world)
    _settle(world, clock, edition)
    return edition


def _begun(world: World) -> int:
    edition = world.digest()
    world.send_all(edition)
    return edition


def _settle(world: World, clock: Clock, edition: int) -> None:
    for _ in range(20):
        if world.row(edition).state == EditionState.SENT:
            return
        clock.now += timedelta(hours=1)
        sweep(world.runtime)
        world.send_all(edition)
    pytest.fail(f"it never ends: {world.report(edition)}, {world.row(edition).reason}")


def _assert_each_once(world: World, edition: int, kept: list[str]) -> None:
    report = world.report(edition)
    assert (report.accepted, report.refused) == (READERS, 0)
    assert len(kept) == len(set(kept)) == READERS
    assert world.row(edition).reason is None


def _in_state(world: World, edition: int, state: DeliveryState) -> list[str]:
    with world.runtime.sessions.read() as session:
        row = session.get_one(EditionRow, edition)
        return [who.address or "" for _, who in deliveries_in(session, row, state)]


def _replies(world: World, edition: int) -> dict[str, tuple[int | None, str]]:
    """Code and words of each refusal, by address."""
    statement = (
        select(SubscriberRow.address, DeliveryRow.code, DeliveryRow.reply)
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == col(SubscriberRow.id))
        .where(DeliveryRow.edition_id == edition, DeliveryRow.state == DeliveryState.REFUSED)
    )
    with world.runtime.sessions.read() as session:
        return {who or "": (code, said or "") for who, code, said in session.exec(statement)}


def _waits(world: World, edition: int) -> list[timedelta]:
    statement = select(DeliveryRow.next_at).where(
        DeliveryRow.edition_id == edition, DeliveryRow.state == DeliveryState.DEFERRED
    )
    with world.runtime.sessions.read() as session:
        return [at - world.now for at in session.exec(statement) if at]


def _reader_of(envelope: Envelope) -> str:
    return str(envelope.rcpt_tos[0])
