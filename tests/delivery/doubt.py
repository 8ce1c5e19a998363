"""Editions of which nobody knows whether some readers have them."""

from collections import Counter
from collections.abc import Collection

import sqlalchemy as sa
from aiosmtpd.smtp import Envelope

from publisher.audience.models import NewsletterRow
from tests.services.smtp import Received, SmtpServer
from tests.world import World


def in_doubt(
    world: World,
    server: SmtpServer,
    addresses: Collection[str],
    *,
    readers: int,
    resend: bool = False,
    times: int = 1,
) -> int:
    """An edition of so many readers, sent; the server hung up after it took these mails.

    It does so as often as `times` says. `resend` is the newsletter's policy.
    """
    heard: Counter[str] = Counter()

    def hang_up(envelope: Envelope) -> None:
        address = envelope.rcpt_tos[0]
        heard[address] += 1
        if address in addresses and heard[address] <= times:
            raise ConnectionResetError

    server.after_data = hang_up
    world.newsletter()
    policy(world, resend=resend)
    world.readers(readers)
    world.story("ferry")
    edition = world.digest()
    while world.report(edition).queued:
        world.send_all(edition)
    return edition


def policy(world: World, *, resend: bool) -> None:
    """What the newsletter has done with deliveries in doubt."""
    with world.runtime.sessions.begin() as session:
        session.execute(sa.update(NewsletterRow).values(resend_uncertain=resend))


def mails_to(server: SmtpServer, address: str) -> list[Received]:
    """What the server has for one reader, in order."""
    return [one for one in server.messages if one.recipients == (address,)]
