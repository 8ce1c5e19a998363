"""Readers of slow destinations wait for their moment; everybody else goes on."""

import time
from datetime import timedelta
from typing import Any

from aiosmtpd.smtp import Envelope

from publisher.audience.addresses import address_key
from publisher.delivery.carrier import Carrier
from publisher.delivery.claim import Claim, claim_batch
from publisher.delivery.pace import LEEWAY
from publisher.delivery.turns import PACED, TOO_OLD, wait
from publisher.delivery.why import why
from publisher.delivery.window import Window
from publisher.editions.commands import stop
from publisher.editions.models import (
    BatchRow,
    BatchState,
    DeliveryState,
    EditionRow,
    EditionState,
)
from publisher.store import Runtime
from tests.delivery.post import (
    SLOW,
    at_pace,
    deliveries,
    destination,
    moments,
    pass_time,
    readers_at,
    states,
)
from tests.delivery.windows import take_window
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

S = DeliveryState


def test_a_slow_domain_keeps_nobody_else_waiting(
    world: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    slow, fast = newsroom(world, slow=20, fast=90)
    at_pace(world, per_minute=60)

    edition = world.digest()
    world.send_all(edition)

    assert set(fast) <= set(smtp_server.recipients())
    assert states(world, edition) == {S.ACCEPTED: 90 + 6, S.DEFERRED: 14}
    waits = [at - clock.now for at in moments(world, edition)]
    assert waits == [timedelta(seconds=second) for second in range(6, 20)]
    waiting = [row for row in deliveries(world, edition).values() if row.state == S.DEFERRED]
    assert {(row.reason, row.attempts) for row in waiting} == {(PACED, 0)}
    assert world.report(edition).adds_up
    assert world.row(edition).state == EditionState.SENDING
    assert len(slow) == 20


def test_whoever_waited_goes_at_their_moment_and_never_asks_again(
    world: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    slow, _ = newsroom(world, slow=30, fast=1)
    at_pace(world, per_minute=60)
    edition = world.digest()
    world.send_all(edition)

    gone = []
    for _ in range(6):
        before = len(smtp_server.messages)
        pass_time(world, clock, edition, LEEWAY)
        gone.append(len(smtp_server.messages) - before)

    assert gone == [0, 5, 5, 5, 5, 4]
    assert sorted(smtp_server.recipients())[-30:] == slow
    assert len(smtp_server.messages) == 31
    assert world.row(edition).state == EditionState.SENT


def test_two_editions_share_the_pace_of_a_domain(world: World, smtp_server: SmtpServer) -> None:
    newsroom(world, slow=10, fast=0)
    world.newsletter("evening")
    for number in range(10):
        world.reader(f"late{number}", "evening", domain=SLOW)
    at_pace(world, per_minute=60)

    first, second = world.digest(), world.digest("evening")
    world.send_all(first)
    world.send_all(second)

    assert len(smtp_server.messages) == 6
    assert len({*moments(world, first), *moments(world, second)}) == 14


def test_who_waits_past_the_age_of_the_edition_is_refused_as_too_old(
    world: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    newsroom(world, slow=5, fast=1)
    at_pace(world, warm_up=1)
    edition = world.digest()
    world.send_all(edition)
    assert len(smtp_server.messages) == 2
    assert moments(world, edition)[-1] <= clock.now + timedelta(hours=48)

    pass_time(world, clock, edition, timedelta(hours=48))

    refused = [row for row in deliveries(world, edition).values() if row.state == S.REFUSED]
    assert {row.reason for row in refused} == {TOO_OLD}
    assert states(world, edition)[S.ACCEPTED] + len(refused) == 6
    assert world.row(edition).state == EditionState.SENT
    assert world.report(edition).adds_up


def test_a_warm_up_sends_more_each_day(world: World, smtp_server: SmtpServer, clock: Clock) -> None:
    newsroom(world, slow=20, fast=0)
    at_pace(world, warm_up=2)
    edition = world.digest()
    world.send_all(edition)

    pass_time(world, clock, edition, timedelta(hours=15))
    assert len(smtp_server.messages) == 2 + 4
    pass_time(world, clock, edition, timedelta(hours=24))
    assert len(smtp_server.messages) == 2 + 4 + 8
    pass_time(world, clock, edition, timedelta(hours=24))
    assert states(world, edition) == {S.ACCEPTED: 14, S.REFUSED: 6}


def test_why_says_that_a_reader_waits_their_turn(world: World) -> None:
    newsroom(world, slow=20, fast=0)
    at_pace(world, per_minute=60)
    edition = world.digest()
    world.send_all(edition)
    with world.runtime.sessions.read() as session:
        key = address_key(world.secret, f"slow019@{SLOW}")
        sentence = why(session, key, session.get_one(EditionRow, edition)).sentence

    assert sentence == "Mail to its domain goes slowly; its turn comes at 2026-03-10 09:30:19 UTC."


def test_a_wider_limit_is_felt_by_those_who_wait(
    world: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    newsroom(world, slow=40, fast=0)
    at_pace(world, per_minute=1)
    edition = world.digest()
    world.send_all(edition)
    assert len(smtp_server.messages) == 1

    at_pace(world, per_minute=0)
    pass_time(world, clock, edition, timedelta(seconds=1))

    assert world.report(edition).accepted == 40


def test_an_edition_that_is_stopped_takes_back_who_waits(world: World) -> None:
    newsroom(world, slow=20, fast=0)
    at_pace(world, per_minute=60)
    edition = world.digest()
    world.send_all(edition)
    with world.runtime.sessions.begin() as session:
        stop(session, session.get_one(EditionRow, edition), by=EDITOR, now=world.now)

    assert world.report(edition).withdrawn == {"stopped": 14}


def test_workers_share_the_rate_of_all_mail_together(world: World, clock: Clock) -> None:
    newsroom(world, slow=10, fast=40)
    at_pace(world, "*", per_minute=600)
    edition = world.digest()
    world.newsletter("evening")
    for number in range(30):
        world.reader(f"late{number}", "evening")
    claims = [claimed(world, edition), claimed(world, world.digest("evening"))]

    windows = [asked(world, claims[turn % 2]) for turn in range(7)]

    assert [window.wait_s for window in windows] == [0, 1, 2, 3, 4, 5, 0]
    assert [len(window.readers) for window in windows] == [10] * 6 + [0]
    with world.runtime.sessions.read() as session:
        batch = session.get_one(BatchRow, (edition, 0))
    assert (batch.state, batch.lease_until) == (BatchState.READY, clock.now + timedelta(seconds=6))


def test_a_window_goes_when_its_moment_has_come(world: World, smtp_server: SmtpServer) -> None:
    newsroom(world, slow=0, fast=40)
    at_pace(world, "*", per_minute=1200)
    edition = world.digest()

    begin = time.monotonic()
    world.send_all(edition)

    assert time.monotonic() - begin >= 1.0
    assert len(smtp_server.messages) == 40
    assert world.row(edition).state == EditionState.SENT


def test_a_slow_domain_takes_nothing_of_the_rate_that_it_does_not_use(world: World) -> None:
    newsroom(world, slow=30, fast=10)
    at_pace(world, per_minute=1)
    at_pace(world, "*", per_minute=600)

    window = asked(world, claimed(world, world.digest()))

    assert (len(window.readers), window.wait_s) == (1, 0)
    overall = destination(world, "*")
    assert overall is not None
    assert overall.free_at == world.now + timedelta(seconds=0.1)


def test_waiting_ends_when_the_worker_is_told_to_stop() -> None:
    asked = iter([True, True, False])
    begin = time.monotonic()

    wait(60, lambda: next(asked))

    assert time.monotonic() - begin < 30


def test_a_domain_that_takes_one_connection_gets_one_message_at_a_time(
    world: World, smtp_server: SmtpServer
) -> None:
    world.runtime = Runtime(
        world.runtime.settings.model_copy(update={"smtp_connections": 4}),
        world.runtime.sessions,
        world.runtime.clock,
    )
    world.carrier = Carrier(world.runtime)
    slow, fast = newsroom(world, slow=12, fast=60)
    at_pace(world, connections=1)
    gauge = Gauge()
    smtp_server.handle_RCPT = gauge.asked(smtp_server.handle_RCPT)  # type: ignore[method-assign]
    smtp_server.after_data = gauge.ended
    smtp_server.delay_s = 0.005

    edition = world.digest()
    world.send_all(edition)

    assert gauge.most == 1
    assert sorted(smtp_server.recipients()) == sorted([*slow, *fast])
    assert smtp_server.connections == 4


class Gauge:
    """How many of the slow domain's messages are between RCPT and the answer to their end."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0

    def asked(self, handle: Any) -> Any:
        async def asked(*words: Any) -> str:
            if str(words[3]).endswith(SLOW):
                self._now += 1
                self.most = max(self.most, self._now)
            return str(await handle(*words))

        return asked

    def ended(self, envelope: Envelope) -> None:
        self._now -= str(envelope.rcpt_tos[0]).endswith(SLOW)


def claimed(world: World, edition: int) -> Claim:
    """The edition's first batch, claimed by a worker of its own."""
    with world.runtime.sessions.begin() as session:
        claim = claim_batch(session, edition, 0, f"worker {edition}", world.now)
    assert claim is not None
    return claim


def asked(world: World, claim: Claim) -> Window:
    """The next window of a claimed batch."""
    with world.runtime.sessions.begin() as session:
        return take_window(session, claim, world.now)


def newsroom(world: World, *, slow: int, fast: int) -> tuple[list[str], list[str]]:
    """Readers of a slow domain, readers of another, and a story for all of them."""
    world.newsletter()
    addresses = readers_at(world, SLOW, slow, "slow"), readers_at(world, "fast.example", fast)
    world.story("ferry")
    return addresses
