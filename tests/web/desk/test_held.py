from datetime import timedelta

from publisher.accounts.actor import CLOCK, record
from publisher.delivery.models import DestinationRow
from publisher.editions.models import EditionRow
from tests.web.desk.visit import Desk
from tests.world import World


def test_a_held_domain_is_told_in_words_and_its_reason_runs_no_script(
    desk: Desk, world: World
) -> None:
    world.newsletter(zone="Europe/Lisbon")
    world.reader("ada")
    world.story("ferry")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        session.add(
            DestinationRow(
                domain="reader.example",
                held_until=world.now + timedelta(minutes=30),
                strikes=1,
                reason="550 5.7.1 <svg onload=alert(1)>",
            )
        )
    page = desk.page(f"/desk/editions/{edition}").text
    piece = desk.page(f"/desk/editions/{edition}/progress").text

    for text in (page, piece):
        assert "Held for now: reader.example until" in text
        assert "10:00" in text
        assert "&lt;svg onload=alert(1)&gt;" in text
        assert "<svg onload" not in text


def test_a_receiver_that_was_not_believed_is_told(desk: Desk, world: World) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        row = session.get_one(EditionRow, edition)
        record(
            session, CLOCK, "edition.surge", "edition", row.uuid, at=world.now,
            domain="big.example", gone=40, readers=100,
        )  # fmt: skip

    page = desk.page(f"/desk/editions/{edition}").text
    assert "big.example called 40 of 100 addresses unknown" in page
    assert "nobody there was suppressed" in page


def test_a_quiet_domain_says_nothing(desk: Desk, world: World) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("ferry")

    assert "Held for now" not in desk.page(f"/desk/editions/{world.digest()}").text
