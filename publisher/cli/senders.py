"""What `publisher doctor` looks at beyond this machine: whether our mail will be believed."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from publisher.audience.newsletters import list_newsletters
from publisher.cli.checks import Check
from publisher.errors import ConfigurationError
from publisher.mail.dns_checks import Sender, check_relay, check_sender, in_dns
from publisher.mail.keyring import Keyring
from publisher.mail.lookup import Resolver
from publisher.settings import Settings
from publisher.store.engine import make_engine
from publisher.store.sessions import Sessions

LONGEST = 600  # what others publish in DNS may be of any length


def examine_senders(settings: Settings, resolver: Resolver | None) -> Iterator[Check]:
    """Look at the key and the records of every sender, each once, and at the relay's name.

    Without a resolver, or while mail stays on this machine, only at the keys.
    """
    asked = None if settings.uses_mailbox else resolver
    found = [*_of_senders(settings, asked)]
    if asked:
        relay = check_relay(settings.smtp_host, asked)
        found.append(Check(relay.name, relay.state, relay.detail, relay.remedy))
    elif resolver:
        found.append(Check("dns", "note", "not asked, because mail stays on this machine"))
    yield from dict.fromkeys(found)


class _Sender(NamedTuple):
    address: str
    dkim_domain: str | None = None
    dkim_selector: str | None = None


def _of_senders(settings: Settings, resolver: Resolver | None) -> Iterator[Check]:
    keyring = Keyring(settings)
    for sender in (_Sender(settings.sender), *_of_newsletters(settings)):
        try:
            signers = keyring.signers(*sender)
        except ConfigurationError as error:
            yield Check("dkim", "failed", str(error))
            continue
        domain = sender.address.rpartition("@")[2].lower()
        if signers and not resolver:
            yield Check("dkim", "ok", f"mail from {domain} is signed as {signers[0].domain}")
        if resolver:
            named = Sender(domain, signers, settings.smtp_host, settings.bounce_domain)
            yield from _of_domain(named, resolver)


def _of_domain(sender: Sender, resolver: Resolver) -> Iterator[Check]:
    if not in_dns(sender.domain):
        yield Check(
            "dns",
            "note",
            f"{sender.domain} is no domain of your own, so nobody will believe its mail.",
            "Set PUBLISHER_SENDER_ADDRESS, and the senders of your newsletters.",
        )
        return
    for one in check_sender(sender, resolver):
        detail = one.detail if len(one.detail) <= LONGEST else f"{one.detail[:LONGEST]}…"
        yield Check(one.name, one.state, detail, one.remedy)


def _of_newsletters(settings: Settings) -> list[_Sender]:
    """The senders of newsletters; none while the database cannot be read: that is told above."""
    if not settings.database_url and not (settings.home / "publisher.db").exists():
        return []
    sessions = Sessions(make_engine(settings.database))
    try:
        with sessions.read() as session:
            rows = list_newsletters(session, active_only=True)
    except SQLAlchemyError:
        return []
    finally:
        sessions.close()
    return [_Sender(row.sender_address, row.dkim_domain, row.dkim_selector) for row in rows]
