from datetime import timedelta

import sqlalchemy as sa

from publisher.delivery.environment import settle_here
from publisher.delivery.hold import hold_all, hold_edition
from publisher.delivery.models import EnvironmentRow
from publisher.delivery.relay import relay_of
from publisher.delivery.relay_health import note_failure
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.models import DeliveryRow, DeliveryState
from publisher.editions.tick import tick
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.web.desk.visit import Desk
from tests.world import EDITOR, World


def test_an_empty_desk_is_calm(desk: Desk) -> None:
    today = desk.page("/desk").text
    assert "Nothing is planned." in today
    assert "Nothing has been sent yet." in today
    assert "Every story could be read" in today


def test_the_next_send_is_shown_with_its_time_zone_and_distance(desk: Desk, world: World) -> None:
    world.newsletter(name="Morning briefing", zone="Europe/Lisbon", cadences=("daily",))
    world.readers(3)
    with world.runtime.sessions.begin() as session:
        tick(session, world.now)
    today = desk.page("/desk").text
    assert "tomorrow 07:00" in today
    assert "Europe/Lisbon, UTC+0" in today
    assert "in 21 h 30 min" in today
    assert "daily readers, 3 as of now" in today


def test_a_held_send_shows_when_its_hold_ends(desk: Desk, world: World) -> None:
    world.newsletter()
    with world.runtime.sessions.begin() as session:
        edition = create_edition(session, NewEdition("briefing"), by=EDITOR, now=world.now)
        send(session, edition, hold=timedelta(minutes=2), by=EDITOR, now=world.now)
    today = desk.page("/desk").text
    assert "Holding" in today
    assert "in 2 min" in today


def test_quarantined_stories_and_stuck_editions_need_attention(desk: Desk, world: World) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("broken", problem="The file has no headline.")
    world.story("ferry")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        hold_edition(session, edition, "The relay refuses the sender.", now=world.now)
    today = desk.page("/desk").text
    assert "The file has no headline." in today
    assert "The relay refuses the sender." in today


def test_the_last_sends_are_shown_with_their_sums(
    desk: Desk, sender: World, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse["reader0001@reader.example"] = "550 5.1.1 no such reader"
    sender.newsletter()
    sender.readers(3)
    sender.story("ferry")
    sender.send_all(sender.digest())
    today = desk.page("/desk").text
    assert "<strong>2</strong> of 3 accepted" in today
    assert "1 refused" in today


def test_uncertain_deliveries_need_attention(desk: Desk, sender: World) -> None:
    sender.newsletter()
    sender.readers(2)
    sender.story("ferry")
    edition = sender.digest()
    sender.send_all(edition)
    with sender.runtime.sessions.begin() as session:
        row = session.get_one(DeliveryRow, (edition, 1))
        row.state = DeliveryState.UNCERTAIN
        session.add(row)
    assert "1 delivery</a> may or may not have reached" in desk.page("/desk").text
    listed = desk.page(f"/desk/editions/{edition}/deliveries/uncertain").text
    assert "reader0000@reader.example" in listed
    assert "reader0001@reader.example" not in listed


def test_what_keeps_all_mail_back_needs_attention(desk: Desk, world: World, clock: Clock) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        until = clock.now + timedelta(minutes=2)
        note_failure(session, relay_of(world.runtime.settings).place, "It is away.", clock.now)
        hold_all(session, "It is away.", now=clock.now, resume_at=until)
        settle_here(session, world.runtime.settings, clock.now)
        session.execute(sa.update(EnvironmentRow).values(fingerprint="sqlite 1 /elsewhere"))

    today = desk.page("/desk").text
    assert "No mail is sent from here" in today
    assert "publisher environment confirm" in today
    assert "It goes on by itself; tried again" in today
    page = desk.page(f"/desk/editions/{edition}").text
    assert "It is tried again today 09:32 (UTC), in 2 min, by itself." in page
    assert "Try now" in page
    assert "Keep it paused" in page
