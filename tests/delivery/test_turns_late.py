"""A turn that could not be taken is gone: the pace holds after a pause and after the night, too."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from publisher.audience.newsletter_change import NewsletterChange, change_newsletter
from publisher.delivery.claim import LEASE, claim_batch
from publisher.delivery.pace import EVERYTHING, LEEWAY
from publisher.editions.commands import pause, resume
from publisher.editions.find import find_edition
from publisher.editions.models import DeliveryState, EditionState
from tests.delivery.post import at_pace, pass_time, readers_at, reasons, states
from tests.delivery.windows import take_window
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

READERS = 40
SLOW = "slow.example"


def test_after_a_pause_they_do_not_all_go_at_once(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = _begun(world)
    _command(world, edition, pause)
    clock.advance(hours=1)
    _command(world, edition, resume)

    gone = _passing(world, clock, smtp_server, edition)

    assert max(gone) <= 6
    assert len(smtp_server.messages) == READERS
    assert world.row(edition).state == EditionState.SENT


def test_after_the_quiet_hours_they_do_not_all_go_at_once(
    world: World, clock: Clock, smtp_server: SmtpServer
) -> None:
    edition = _begun(world)
    with world.runtime.sessions.begin() as session:
        quiet = NewsletterChange(quiet=(9, 11))
        change_newsletter(session, "briefing", quiet, by=EDITOR, now=world.now)
    for _ in range(6):
        pass_time(world, clock, edition, timedelta(seconds=10))
    assert len(smtp_server.messages) == 6
    clock.now = clock.now.replace(hour=11, minute=0)

    gone = _passing(world, clock, smtp_server, edition)

    assert max(gone) <= 6
    assert len(smtp_server.messages) == READERS
    assert world.row(edition).state == EditionState.SENT


def test_a_mail_in_doubt_has_no_turn_any_more(world: World, clock: Clock) -> None:
    world.newsletter()
    readers_at(world, SLOW, 3)
    world.story("ferry")
    at_pace(world, per_minute=60)
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        claim = claim_batch(session, edition, 0, "lost", clock.now)
        assert claim is not None
        assert len(take_window(session, claim, clock.now).readers) == 3
    clock.now += LEASE
    with world.runtime.sessions.begin() as session:
        assert claim_batch(session, edition, 0, "next", clock.now) is not None

    assert states(world, edition) == {DeliveryState.UNCERTAIN: 3}
    assert set(reasons(world, edition).values()) == {None}


def _begun(world: World) -> int:
    """An edition to a domain that takes one a second; those who need not wait have it."""
    world.newsletter()
    readers_at(world, SLOW, READERS)
    world.story("ferry")
    at_pace(world, per_minute=60)
    edition = world.digest()
    world.send_all(edition)
    return edition


def _passing(world: World, clock: Clock, server: SmtpServer, edition: int) -> list[int]:
    """How many go in each of the next spans of five seconds."""
    gone = []
    for _ in range(14):
        before = len(server.messages)
        pass_time(world, clock, edition, LEEWAY)
        gone.append(len(server.messages) - before)
    return gone


def _command(world: World, edition: int, act: Callable[..., None]) -> None:
    with world.runtime.sessions.begin() as session:
        act(session, find_edition(session, str(edition)), by=EDITOR, now=world.now)


@pytest.mark.parametrize("domain", [SLOW, EVERYTHING])
def test_a_day_of_a_warm_up_is_not_used_up_by_mails_that_did_not_go(
    world: World, smtp_server: SmtpServer, domain: str
) -> None:
    world.newsletter()
    readers_at(world, SLOW, 8)
    world.story("ferry")
    at_pace(world, domain, warm_up=3)
    edition = world.digest()
    smtp_server.refuse_sender = "550 5.7.1 sender not allowed"
    for _ in range(3):
        world.send_all(edition)
        assert world.row(edition).state == EditionState.PAUSED
        _command(world, edition, resume)
    smtp_server.refuse_sender = ""

    world.send_all(edition)

    assert len(smtp_server.messages) == 3
