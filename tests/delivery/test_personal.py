"""What is each reader's own in a mail: its way back, its links, its Message-ID."""

import re

import pytest

from publisher.audience.letters import write_letter
from publisher.audience.models import LetterKind, LetterRow
from publisher.audience.tokens import Tokens
from publisher.delivery.carrier import Carrier
from publisher.delivery.letters import send_letter
from publisher.delivery.return_path import Kind, Mail, read
from publisher.store import Runtime
from tests.services.smtp import Received, SmtpServer
from tests.world import World

BOUNCES = "b.harbour.example"


@pytest.fixture
def bouncing(world: World) -> World:
    """The newsroom with a bounce domain."""
    settings = world.runtime.settings.model_copy(update={"bounce_domain": BOUNCES})
    world.runtime = Runtime(settings, world.runtime.sessions, world.runtime.clock)
    world.carrier = Carrier(world.runtime)
    return world


def test_each_delivery_has_a_return_path_of_its_own(
    bouncing: World, smtp_server: SmtpServer
) -> None:
    _edition(bouncing, readers=3)

    paths = {one.recipients[0]: one.sender for one in smtp_server.messages}
    assert len(set(paths.values())) == 3
    for address, path in paths.items():
        assert path.endswith(f"@{BOUNCES}")
        assert address.partition("@")[0] not in path
        subscriber = bouncing.subscription_of(address).subscriber_id
        assert read(bouncing.secret, path) == Mail(Kind.EDITION, 1, subscriber)
    assert smtp_server.messages[0].parsed()["From"].addresses[0].domain == "harbour.example"


def test_a_letter_has_one_too(bouncing: World, smtp_server: SmtpServer) -> None:
    bouncing.newsletter()
    subscription = bouncing.subscription_of(bouncing.reader("ada"))
    with bouncing.runtime.sessions.begin() as session:
        write_letter(
            session,
            LetterKind.WELCOME,
            subscriber_id=subscription.subscriber_id,
            subscription_id=subscription.id,
            now=bouncing.now,
        )
    with bouncing.runtime.sessions.read() as session:
        letter = session.get_one(LetterRow, 1)

    send_letter(bouncing.runtime, letter.id or 0)

    [message] = smtp_server.messages
    about = Mail(Kind.LETTER, letter.id or 0, subscription.subscriber_id)
    assert read(bouncing.secret, message.sender) == about


def test_without_a_bounce_domain_bounces_come_to_the_sender(
    world: World, smtp_server: SmtpServer
) -> None:
    _edition(world)
    assert {one.sender for one in smtp_server.messages} == {"news@harbour.example"}


def test_complaints_are_counted_by_edition_and_list_never_by_reader(
    world: World, smtp_server: SmtpServer
) -> None:
    _edition(world, readers=2)
    found = {one.parsed()["Feedback-ID"] for one in smtp_server.messages}
    [feedback] = found
    assert re.fullmatch(r"1:briefing:digest:[0-9a-f]{12}", feedback)


def test_the_list_says_where_help_and_its_owner_are(world: World, smtp_server: SmtpServer) -> None:
    _edition(world, reply_to="desk@harbour.example")
    mail = smtp_server.messages[0].parsed()
    base = world.runtime.settings.base_url
    assert mail["List-Help"] == f"<{base}/newsletters>"
    assert mail["List-Owner"] == "<mailto:desk@harbour.example>"


def test_the_foot_leads_to_the_readers_own_preferences(
    world: World, smtp_server: SmtpServer
) -> None:
    _edition(world)
    token = _links(smtp_server.messages[0], "preferences")
    assert len(token) == 1
    subscription = world.subscription_of("reader0000@reader.example").uuid
    assert Tokens(world.secret).read_preferences(token.pop(), world.now) == subscription


def _edition(world: World, *, readers: int = 1, **newsletter: object) -> None:
    world.newsletter(**newsletter)
    world.readers(readers)
    world.story("ferry")
    world.send_all(world.digest())
    world.carrier.hang_up()


def _links(message: Received, kind: str) -> set[str]:
    """The tokens of all links of that kind, in either part."""
    found: set[str] = set()
    for part in message.parsed().iter_parts():
        found |= set(re.findall(rf"/{kind}/([^\s\"<]+)", part.get_content()))
    return found
