"""The same work asked for again and again, and rows that change or break on the way."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import col, select, update

from publisher.audience.models import SubscriberRow, SubscriberState
from publisher.audience.subscribers import suppress
from publisher.delivery.carrier import Carrier
from publisher.delivery.send import send_batch
from publisher.editions.commands import cancel
from publisher.editions.find import find_edition
from publisher.editions.models import EditionState
from publisher.errors import RefusedError
from tests.delivery.test_midway import at_message
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

READERS = 120
AT_ONCE = 12


@pytest.fixture
def edition(world: World) -> int:
    """120 readers and one story, enlisted."""
    world.newsletter()
    world.readers(READERS)
    world.story("ferry")
    return world.digest()


def test_a_batch_asked_for_by_many_at_once_goes_out_once(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    with ThreadPoolExecutor(AT_ONCE) as workers:
        list(workers.map(lambda _: _send(world, edition), range(50)))

    _assert_each_got_one(world, edition, smtp_server)


def test_a_batch_asked_for_again_while_it_is_sent_stays_with_its_worker(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    at_message(smtp_server, 70, lambda: _send(world, edition))

    world.send_all(edition)
    world.send_all(edition)

    _assert_each_got_one(world, edition, smtp_server)
    assert smtp_server.connections == 1


def test_who_is_suppressed_midway_is_not_mailed(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    bounced = "reader0110@reader.example"
    at_message(smtp_server, 20, lambda: _suppress(world, bounced))

    world.send_all(edition)

    assert bounced not in smtp_server.recipients()
    assert world.report(edition).withdrawn == {"suppressed": 1}
    assert world.report(edition).adds_up


def test_who_is_erased_midway_is_not_mailed(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    erased = "reader0110@reader.example"
    at_message(smtp_server, 20, lambda: _change(world, erased, state=SubscriberState.ERASED))

    world.send_all(edition)

    assert erased not in smtp_server.recipients()
    assert world.report(edition).withdrawn == {"erased": 1}
    assert world.report(edition).adds_up


def test_a_story_rewritten_midway_reaches_everybody_as_it_was_frozen(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    at_message(smtp_server, 20, lambda: _rewrite(world))

    world.send_all(edition)

    subjects = {message.parsed()["Subject"] for message in smtp_server.messages}
    assert len(subjects) == 1
    assert "Tunnel" not in subjects.pop()
    _assert_each_got_one(world, edition, smtp_server)


def test_an_edition_on_its_way_cannot_be_cancelled_any_more(world: World, edition: int) -> None:
    with (
        pytest.raises(RefusedError, match="possible only while"),
        world.runtime.sessions.begin() as session,
    ):
        cancel(session, find_edition(session, str(edition)), by=EDITOR, now=world.now)
    assert world.row(edition).state == EditionState.SENDING


@pytest.mark.parametrize(
    "address",
    [
        "reader\r\nRCPT TO:<evil@reader.example>",
        "no-address-at-all",
        "two@signs@reader.example",
        f"{'long' * 50}@reader.example",
        "\u202ereader@reader.example",
    ],
    ids=["line break", "no address", "two signs", "long", "reversed"],
)
def test_an_address_that_cannot_be_used_harms_no_neighbour(
    world: World, edition: int, smtp_server: SmtpServer, address: str
) -> None:
    _change(world, "reader0007@reader.example", address=address)

    world.send_all(edition)

    assert "evil@reader.example" not in smtp_server.recipients()
    assert len(set(smtp_server.recipients())) >= READERS - 1
    report = world.report(edition)
    assert report.accepted + report.refused == READERS
    assert world.row(edition).state == EditionState.SENT


@pytest.mark.parametrize(
    "name",
    [
        "x" * 120,
        "\r\nBcc: evil@reader.example\r\n\r\n",
        "=?utf-8?q?=0d=0aBcc:_e?=",
        "\u202e\u2066",
    ],
    ids=["long", "header", "encoded word", "reversed"],
)
def test_a_name_that_cannot_be_trusted_harms_nobody(
    world: World, edition: int, smtp_server: SmtpServer, name: str
) -> None:
    _change(world, "reader0007@reader.example", name=name)

    world.send_all(edition)

    _assert_each_got_one(world, edition, smtp_server)
    assert not any(message.parsed()["Bcc"] for message in smtp_server.messages)


def _assert_each_got_one(world: World, edition: int, server: SmtpServer) -> None:
    assert len(server.recipients()) == len(set(server.recipients())) == READERS
    report = world.report(edition)
    assert (report.accepted, report.uncertain, report.adds_up) == (READERS, 0, True)


def _send(world: World, edition: int) -> None:
    """As one more worker would, with a connection of its own."""
    carrier = Carrier(world.runtime)
    send_batch(carrier, edition, 0)
    carrier.hang_up()


def _suppress(world: World, address: str) -> None:
    with world.runtime.sessions.begin() as session:
        suppress(session, address, "bounced", key=world.secret, by=EDITOR, now=world.now)


def _rewrite(world: World) -> None:
    world.story("ferry", title="Tunnel in Port Ellery")


def _change(world: World, who: str, **values: object) -> None:
    with world.runtime.sessions.begin() as session:
        found = select(SubscriberRow.id).where(SubscriberRow.address == who)
        number = session.exec(found).one()
        session.exec(update(SubscriberRow).where(col(SubscriberRow.id) == number).values(**values))
