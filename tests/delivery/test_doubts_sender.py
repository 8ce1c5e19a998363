"""Whoever a newsletter's mails come from later, those in doubt keep the Message-ID they had."""

import pytest
import sqlalchemy as sa

from publisher.audience.models import NewsletterRow
from publisher.delivery.doubts import list_doubts, resend
from publisher.editions.find import find_edition
from tests.delivery.doubt import in_doubt, mails_to
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

DOUBTFUL = "reader0001@reader.example"


@pytest.fixture
def edition(world: World, smtp_server: SmtpServer) -> int:
    """An edition with one mail in doubt, and a sender in another domain since."""
    edition = in_doubt(world, smtp_server, [DOUBTFUL], readers=3)
    with world.runtime.sessions.begin() as session:
        session.execute(sa.update(NewsletterRow).values(sender_address="desk@other.example"))
    return edition


def test_they_are_found_in_a_log_by_what_was_sent(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    with world.runtime.sessions.read() as session:
        found = find_edition(session, str(edition))
        [doubt] = list_doubts(session, found, secret=world.secret)

    [mail] = mails_to(smtp_server, DOUBTFUL)
    assert doubt.message_id == mail.parsed()["Message-ID"]


def test_sent_again_they_can_be_recognised(
    world: World, edition: int, smtp_server: SmtpServer
) -> None:
    with world.runtime.sessions.begin() as session:
        resend(session, find_edition(session, str(edition)), by=EDITOR, now=world.now)
    world.send_all(edition)

    first, second = mails_to(smtp_server, DOUBTFUL)
    assert first.parsed()["Message-ID"] == second.parsed()["Message-ID"]
