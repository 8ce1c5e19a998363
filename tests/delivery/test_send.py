"""Sending an edition: to whom, what, and what is written down."""

from email.message import EmailMessage

from publisher.delivery.carrier import Carrier
from publisher.editions.models import EditionState
from publisher.store import Runtime
from tests.services.smtp import SmtpServer
from tests.world import World


def test_every_reader_gets_the_digest_once(world: World, smtp_server: SmtpServer) -> None:
    world.newsletter()
    addresses = world.readers(3)
    world.story("ferry")

    edition = world.digest()
    world.send_all(edition)

    assert sorted(smtp_server.recipients()) == addresses
    assert world.row(edition).state == EditionState.SENT
    assert world.report(edition).accepted == 3
    assert world.report(edition).adds_up


def test_a_reader_gets_only_the_sections_they_chose(world: World, smtp_server: SmtpServer) -> None:
    world.newsletter(sections=("local", "sport"))
    world.reader("ada", sections=("sport",))
    world.reader("ben", sections=("local",))
    world.reader("cy")
    world.story("ferry", "local")
    world.story("regatta", "sport")

    world.send_all(world.digest())

    texts = {
        message.recipients[0].split("@")[0]: text_of(message.parsed())
        for message in smtp_server.messages
    }
    assert ("Ferry" in texts["ada"], "Regatta" in texts["ada"]) == (False, True)
    assert ("Ferry" in texts["ben"], "Regatta" in texts["ben"]) == (True, False)
    assert ("Ferry" in texts["cy"], "Regatta" in texts["cy"]) == (True, True)


def test_a_story_is_not_sent_to_a_reader_twice(world: World, smtp_server: SmtpServer) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    world.send_all(world.digest())
    world.story("regatta")

    world.send_all(world.digest())

    second = text_of(smtp_server.messages[1].parsed())
    assert ("Ferry" in second, "Regatta" in second) == (False, True)


def test_an_edition_with_nothing_new_is_skipped_and_says_so(world: World) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    world.send_all(world.digest())

    again = world.digest()

    assert world.row(again).state == EditionState.SKIPPED
    assert world.report(again).excluded == {"had_all": 1}
    assert world.report(again).adds_up


def test_a_refused_address_is_recorded_and_harms_no_neighbour(
    world: World, smtp_server: SmtpServer
) -> None:
    world.newsletter()
    first, second, third = world.readers(3)
    world.story("ferry")
    smtp_server.refuse[second] = "550 5.1.1 no such reader"

    edition = world.digest()
    world.send_all(edition)

    assert sorted(smtp_server.recipients()) == [first, third]
    assert (world.report(edition).refused, world.report(edition).accepted) == (1, 2)


def text_of(message: EmailMessage) -> str:
    """The plain text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_several_lines_carry_an_edition_and_every_reader_gets_it_once(
    world: World, smtp_server: SmtpServer
) -> None:
    settings = world.runtime.settings.model_copy(update={"smtp_connections": 4})
    world.runtime = Runtime(settings, world.runtime.sessions, world.runtime.clock)
    world.carrier = Carrier(world.runtime)
    world.newsletter()
    addresses = world.readers(230)
    world.story("ferry")

    edition = world.digest()
    world.send_all(edition)

    assert sorted(smtp_server.recipients()) == addresses
    assert smtp_server.connections == 4
    assert world.row(edition).state == EditionState.SENT
