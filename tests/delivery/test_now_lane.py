"""What cannot wait overtakes a running edition: letters to single people, and alerts."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from aiosmtpd.smtp import Envelope

from publisher import queue
from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice
from publisher.audience.subscribe import Consent, Request, request_subscription
from publisher.delivery import send as send_module
from publisher.delivery import urgent
from publisher.delivery.send import send_batch
from publisher.delivery.urgent import is_waiting
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.enlist import enlist
from publisher.editions.models import EditionKind, EditionState
from publisher.queue import BULK, NOW
from publisher.store import Runtime, utc_now
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

READERS = 120
ADA = "ada@example.org"


@pytest.fixture
def newsroom(world: World) -> Iterator[World]:
    """A large edition's readers and a story, by the real clock."""
    ticking = World(Runtime(world.runtime.settings, world.runtime.sessions, utc_now))
    ticking.newsletter()
    ticking.readers(READERS)
    ticking.story("ferry")
    yield ticking
    ticking.carrier.hang_up()


def test_a_letter_that_waits_goes_between_two_messages_of_a_running_edition(
    newsroom: World, smtp_server: SmtpServer
) -> None:
    edition = newsroom.digest()
    smtp_server.delay_s = 0.05
    smtp_server.before_data = _once(smtp_server, at=5, act=lambda: _ask(newsroom))
    _send_to_the_end(newsroom, edition)

    who = smtp_server.recipients()
    assert who.count(ADA) == 1
    assert 5 < who.index(ADA) < 49  # the edition's window is fifty
    assert (len(who), newsroom.row(edition).state) == (READERS + 1, EditionState.SENT)


def test_an_alert_goes_between_two_messages_of_a_running_edition(
    newsroom: World, smtp_server: SmtpServer
) -> None:
    newsroom.newsletter("alerts")
    newsroom.reader("editor", "alerts")
    edition = newsroom.digest()
    smtp_server.delay_s = 0.05
    smtp_server.before_data = _once(smtp_server, at=5, act=lambda: _alert(newsroom))
    _send_to_the_end(newsroom, edition)

    who = smtp_server.recipients()
    assert who.count("editor@reader.example") == 1
    assert 5 < who.index("editor@reader.example") < 49
    assert (len(who), newsroom.row(edition).state) == (READERS + 1, EditionState.SENT)


def test_a_worker_whose_turn_is_over_leaves_the_alerts_to_the_next(
    newsroom: World, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.newsletter("alerts")
    newsroom.reader("editor", "alerts")
    edition = newsroom.digest()
    monkeypatch.setattr(send_module, "TURN_S", 1.0)  # as long as it takes to notice an alert
    smtp_server.delay_s = 0.05
    smtp_server.before_data = _once(smtp_server, at=5, act=lambda: _alert(newsroom))

    send_batch(newsroom.carrier, edition, 0)
    assert "editor@reader.example" not in smtp_server.recipients()
    assert newsroom.report(edition).queued > 0
    monkeypatch.undo()
    _send_to_the_end(newsroom, edition)

    who = smtp_server.recipients()
    assert (who.count("editor@reader.example"), len(set(who)), len(who)) == (1, 121, 121)


def test_an_alert_gives_way_to_nothing(newsroom: World) -> None:
    newsroom.newsletter("alerts")
    newsroom.reader("editor", "alerts")
    alert = _alert(newsroom)
    _ask(newsroom)
    later = newsroom.now + timedelta(seconds=5)
    with newsroom.runtime.sessions.read() as session:
        assert not is_waiting(session, alert, later)


def test_what_came_just_now_is_left_to_the_worker_of_its_lane(newsroom: World) -> None:
    edition = newsroom.digest()
    _ask(newsroom)
    with newsroom.runtime.sessions.read() as session:
        assert not is_waiting(session, edition, newsroom.now)
        assert is_waiting(session, edition, newsroom.now + 2 * urgent.NOTICED_AFTER)


def test_alerts_and_letters_have_the_lane_that_editions_have_not() -> None:
    lanes = {
        task: queue.app.amqp.router.route({}, task)["queue"].name
        for task in (
            "publisher.alerts.send_batch",
            "publisher.audience.send_letter",
            "publisher.deliveries.send_batch",
        )
    }
    assert list(lanes.values()) == [NOW, NOW, BULK]


def test_an_alert_is_woken_on_its_lane(newsroom: World) -> None:
    newsroom.newsletter("alerts")
    newsroom.reader("editor", "alerts")
    newsroom.digest()
    assert _hints(newsroom, NOW) == 0
    _alert(newsroom)
    assert _hints(newsroom, NOW) == 1


def _send_to_the_end(world: World, edition: int) -> None:
    """As a worker would that takes hint after hint."""
    for _ in range(20):
        if world.row(edition).state == EditionState.SENT:
            return
        send_batch(world.carrier, edition, 0)


def _ask(world: World) -> None:
    request = Request(ADA, (Choice("briefing"),), Consent("192.0.2.7", "/newsletters", "Yes."))
    with world.runtime.sessions.begin() as session:
        by = Actor("reader")
        request_subscription(session, request, key=world.secret, by=by, now=world.now)


def _alert(world: World) -> int:
    """An edition of the kind that cannot wait, enlisted."""
    with world.runtime.sessions.begin() as session:
        new = NewEdition("alerts", cadence="daily")
        edition = create_edition(session, new, by=EDITOR, now=world.now)
        edition.kind = EditionKind.ALERT
        session.flush()
        send(session, edition, hold=timedelta(0), by=EDITOR, now=world.now)
        number = edition.id or 0
    with world.runtime.sessions.begin() as session:
        enlist(session, number, world.now)
    return number


def _once(server: SmtpServer, *, at: int, act: Callable[[], object]) -> Callable[[Envelope], None]:
    """Does it when so many messages have been taken."""
    left = [act]

    def look(_envelope: Envelope) -> None:
        if left and len(server.messages) == at:
            left.pop()()

    return look


def _hints(world: World, lane: str) -> int:
    return len(list(world.runtime.settings.queue_folder.glob(f"*.{lane}.msg")))
