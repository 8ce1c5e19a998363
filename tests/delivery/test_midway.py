"""What happens to an edition that is on its way: kill, leave, pause, stop, a server that waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from aiosmtpd.smtp import Envelope

from publisher.audience.unsubscribe import unsubscribe
from publisher.delivery.sweep import requeue_deferred, sweep
from publisher.editions.commands import pause, resume, stop
from publisher.editions.find import find_edition
from publisher.editions.models import EditionState
from publisher.editions.refit import refit_waiting
from publisher.newsroom.acts import kill
from publisher.newsroom.find import find_article
from tests.delivery.test_send import text_of
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World


@pytest.fixture
def edition(world: World) -> int:
    """120 readers and two stories, enlisted."""
    world.newsletter()
    world.readers(120)
    world.story("ferry")
    world.story("regatta")
    return world.digest()


def test_a_story_killed_midway_is_in_no_later_window(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    at_message(smtp_server, 20, lambda: _kill(world, "regatta"))

    world.send_all(edition)

    carrying = ["Regatta" in text_of(message.parsed()) for message in smtp_server.messages]
    assert carrying == [True] * 50 + [False] * 70
    assert all("Ferry" in text_of(message.parsed()) for message in smtp_server.messages)
    assert world.report(edition).accepted == 120


def test_a_killed_story_is_taken_out_of_batches_that_wait(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    _kill(world, "regatta")
    with world.runtime.sessions.begin() as session:
        refit_waiting(session, find_article(session, "regatta").id or 0, world.now)

    world.send_all(edition)

    assert not any("Regatta" in text_of(message.parsed()) for message in smtp_server.messages)
    assert world.report(edition).accepted == 120


def test_an_edition_whose_only_stories_are_killed_is_withdrawn(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    _kill(world, "regatta")
    _kill(world, "ferry")

    world.send_all(edition)

    assert not smtp_server.messages
    assert world.report(edition).withdrawn == {"killed": 120}
    assert world.report(edition).adds_up


def test_who_unsubscribes_midway_is_not_mailed(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    leaver = "reader0110@reader.example"
    at_message(smtp_server, 20, lambda: _leave(world, leaver))

    world.send_all(edition)

    assert leaver not in smtp_server.recipients()
    assert world.report(edition).withdrawn == {"unsubscribed": 1}
    assert world.report(edition).adds_up


def test_a_pause_acts_within_a_window_and_resuming_goes_on_where_it_left_off(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    at_message(smtp_server, 20, lambda: _command(world, edition, pause))
    world.send_all(edition)
    assert (len(smtp_server.messages), world.row(edition).state) == (50, EditionState.PAUSED)

    _command(world, edition, resume)
    world.send_all(edition)

    assert len(set(smtp_server.recipients())) == len(smtp_server.messages) == 120
    assert world.row(edition).state == EditionState.SENT


def test_a_stop_withdraws_what_is_left(world: World, edition: int, smtp_server: SmtpServer) -> None:
    at_message(smtp_server, 20, lambda: _command(world, edition, stop))

    world.send_all(edition)

    report = world.report(edition)
    assert (report.accepted, report.withdrawn) == (50, {"stopped": 70})
    assert report.adds_up


def test_a_server_that_asks_to_wait_is_asked_again_later(
    world: World, edition: int, smtp_server: SmtpServer, clock: Clock
) -> None:
    greylisted = "reader0003@reader.example"
    smtp_server.refuse[greylisted] = "450 4.2.0 try later"
    world.send_all(edition)
    assert (world.report(edition).deferred, world.row(edition).state) == (1, EditionState.SENDING)
    smtp_server.refuse.clear()

    clock.advance(hours=1)
    sweep(world.runtime)
    world.send_all(edition)

    assert smtp_server.recipients().count(greylisted) == 1
    assert (world.report(edition).accepted, world.row(edition).state) == (120, EditionState.SENT)


def test_what_is_deferred_for_two_days_is_refused(
    world: World, edition: int, smtp_server: SmtpServer, clock: Clock
) -> None:
    smtp_server.refuse["reader0003@reader.example"] = "450 4.2.0 try later"
    world.send_all(edition)
    for _ in range(40):
        clock.advance(hours=5)
        with world.runtime.sessions.begin() as session:
            if not requeue_deferred(session, clock.now):
                break
        world.send_all(edition)

    assert (world.report(edition).refused, world.row(edition).state) == (1, EditionState.SENT)


def test_a_server_that_refuses_our_sender_pauses_the_edition_and_blames_no_reader(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse_sender = "550 5.7.1 sender not allowed"

    world.send_all(edition)

    assert world.row(edition).state == EditionState.PAUSED
    assert "sender not allowed" in (world.row(edition).reason or "")
    assert world.report(edition).queued == 120


def at_message(server: SmtpServer, number: int, act: Callable[[], None]) -> None:
    """Do something when the server has taken so many messages."""

    def notice(_envelope: Envelope) -> None:
        if len(server.messages) == number:
            act()

    server.after_data = notice


def _kill(world: World, external_id: str) -> None:
    with world.runtime.sessions.begin() as session:
        article = find_article(session, external_id)
        kill(session, article, "It was wrong.", by=EDITOR, now=world.now)


def _leave(world: World, address: str) -> None:
    uuid = world.subscription_of(address).uuid
    with world.runtime.sessions.begin() as session:
        unsubscribe(session, uuid, by=EDITOR, now=world.now + timedelta(seconds=1))


def _command(world: World, edition: int, act: Callable[..., None]) -> None:
    with world.runtime.sessions.begin() as session:
        act(session, find_edition(session, str(edition)), by=EDITOR, now=world.now)
