"""What DNS has to say before large providers believe a newsroom's mail, and what to do if not."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Literal

from publisher.errors import UnavailableError
from publisher.mail.dkim import Signer
from publisher.mail.dkim_names import aligned
from publisher.mail.lookup import Resolver
from publisher.mail.spf import flaw, spf_records

Name = Literal["spf", "dkim", "dmarc", "ptr", "bounces"]
POLICIES = ("none", "quarantine", "reject")
_NOT_IN_DNS = frozenset(("example", "test", "invalid", "localhost", "local", "internal"))
_FOR_EXAMPLES = frozenset(("example.com", "example.net", "example.org"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found; `remedy` says what to do. A note is no failure, only good to know."""

    name: Name
    state: Literal["ok", "failed", "note"]
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """A domain that mail comes from, who signs it (nobody: the relay), and the relay's host.

    `bounces` is the domain of the envelope sender where that is another one.
    """

    domain: str
    signers: Sequence[Signer]
    relay: str
    bounces: str = ""

    @property
    def envelope(self) -> str:
        """The domain that SPF is asked for (RFC 7208 §2.4)."""
        return self.bounces or self.domain


def check_sender(sender: Sender, resolver: Resolver) -> Iterator[Finding]:
    """Look at SPF, at DKIM for each key, and at DMARC; what DNS does not answer is a note."""
    yield _answered("spf", sender.envelope, lambda: _spf(sender, resolver))
    if not sender.signers:
        yield _unsigned(sender)
    for signer in sender.signers:
        yield _answered("dkim", signer.address, partial(_dkim, signer, sender, resolver))
    if sender.bounces:
        yield _answered("bounces", sender.bounces, lambda: _bounces(sender, resolver))
    yield _answered("dmarc", sender.domain, lambda: _dmarc(sender, resolver))


def check_relay(host: str, resolver: Resolver) -> Finding:
    """Look whether the relay's address has a name that leads back to it; never a failure.

    It need not be the relay's front door from which the mail goes out to the world.
    """
    return _answered("ptr", host, lambda: _ptr(host, resolver))


def in_dns(domain: str) -> bool:
    """Whether it can be a domain of one's own; names for examples and tests cannot (RFC 2606)."""
    labels = domain.lower().split(".")
    reserved = labels[-1] in _NOT_IN_DNS or ".".join(labels[-2:]) in _FOR_EXAMPLES
    return len(labels) > 1 and not reserved and not labels[-1].isdigit()


def _answered(name: Name, subject: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except UnavailableError as error:
        return Finding(name, "note", f"{subject}: not known, because {error}")


def _spf(sender: Sender, resolver: Resolver) -> Finding:
    domain, records = sender.envelope, spf_records(sender.envelope, resolver)
    if not records:
        return Finding(
            "spf",
            "failed",
            f"{domain} does not say which servers may send its mail.",
            f"Publish a TXT at {domain} as your relay's provider tells you; for a relay of your "
            f"own: v=spf1 {_mechanism(sender.relay)} -all",
        )
    if len(records) > 1:
        return Finding(
            "spf",
            "failed",
            f"{domain} has {len(records)} SPF records, so none counts.",
            f"Join them into one: {' | '.join(records)}",
        )
    wrong = flaw(records[0], resolver)
    if wrong:
        remedy = f"Change the TXT at {domain}: {records[0]}"
        return Finding("spf", "failed", f"{domain} {wrong}.", remedy)
    if not aligned(domain, sender.domain):
        said = f"{domain} is another house's than {sender.domain}, so for DMARC only DKIM counts."
        return Finding("spf", "note", said, f"Set PUBLISHER_BOUNCE_DOMAIN below {sender.domain}.")
    return Finding("spf", "ok", f"{domain} says: {records[0]}")


def _mechanism(relay: str) -> str:
    try:
        return f"ip{ip_address(relay).version}:{relay}"
    except ValueError:
        return f"a:{relay}"


def _unsigned(sender: Sender) -> Finding:
    return Finding(
        "dkim",
        "note",
        f"Publisher has no key for {sender.domain}, so the relay must sign as it.",
        "If it does not, set PUBLISHER_DKIM_DOMAIN and PUBLISHER_DKIM_SELECTOR.",
    )


def _dkim(signer: Signer, sender: Sender, resolver: Resolver) -> Finding:
    remedy = f"Publish this TXT at {signer.address} and no other there: {signer.record}"
    records = resolver.ask(signer.address, "TXT")
    if not records:
        return Finding("dkim", "failed", f"There is no key at {signer.address}.", remedy)
    if len(records) > 1:
        return Finding("dkim", "failed", f"There are several TXT at {signer.address}.", remedy)
    published = _tags(records[0])
    if not published.get("p"):
        return Finding("dkim", "failed", f"The key at {signer.address} is taken back.", remedy)
    if published["p"] != _tags(signer.record)["p"]:
        return Finding("dkim", "failed", f"Another key stands at {signer.address}.", remedy)
    alone = not any(one.is_rsa for one in sender.signers)
    return _matching_key(signer, published, alone=alone)


def _matching_key(signer: Signer, published: dict[str, str], *, alone: bool) -> Finding:
    """`alone`: no RSA signature stands beside it."""
    where = f"the key at {signer.address} is ours"
    kind = _tags(signer.record)["k"]
    if published.get("k", "rsa") != kind:
        remedy = f"Publish this TXT instead: {signer.record}"
        return Finding("dkim", "failed", f"{where}, but not marked k={kind}.", remedy)
    if "y" in published.get("t", "").split(":"):
        remedy = "Take t=y out of the record."
        return Finding("dkim", "note", f"{where}, but marked as a test.", remedy)
    if alone:
        remedy = "Some providers read RSA only; name an RSA key beside it, or let the relay sign."
        return Finding("dkim", "note", f"{where}, of the kind {kind}.", remedy)
    return Finding("dkim", "ok", where)


def _bounces(sender: Sender, resolver: Resolver) -> Finding:
    domain = sender.bounces
    if resolver.ask(domain, "MX"):
        return Finding("bounces", "ok", f"a mail server is named for {domain}")
    return Finding(
        "bounces",
        "failed",
        f"{domain} takes no mail, so bounces are lost and some servers refuse what comes from it.",
        f"Publish an MX at {domain} that names the server which takes your bounces.",
    )


def _dmarc(sender: Sender, resolver: Resolver) -> Finding:
    domain = sender.domain
    where, records = _dmarc_records(domain, resolver)
    remedy = f"Publish a TXT at _dmarc.{domain}: v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
    if not records:
        return Finding("dmarc", "failed", f"{domain} has no DMARC policy.", remedy)
    tags = _tags(records[0])
    if len(records) > 1 or tags.get("p", "").lower() not in POLICIES:
        said = " | ".join(records)
        one = f"Leave one TXT at {where} with p=none, p=quarantine or p=reject."
        return Finding("dmarc", "failed", f"The policy of {domain} does not count: {said}", one)
    others = {signer.domain for signer in sender.signers} - {domain}
    if others and tags.get("adkim", "r").lower() == "s":
        strict = f"Sign as {domain}, or take adkim=s out of the record."
        said = f"{where} wants signatures of {domain} itself; {others.pop()} signs."
        return Finding("dmarc", "failed", said, strict)
    return Finding("dmarc", "ok", f"{where} says: {records[0]}")


def _dmarc_records(domain: str, resolver: Resolver) -> tuple[str, list[str]]:
    """The records nearest above, and their name: a domain without its own has its parent's."""
    labels = domain.split(".")
    for first in range(len(labels) - 1):
        where = f"_dmarc.{'.'.join(labels[first:])}"
        found = [text for text in resolver.ask(where, "TXT") if _is_dmarc(text)]
        if found:
            return where, found
    return f"_dmarc.{domain}", []


def _is_dmarc(text: str) -> bool:
    return re.match(r"v\s*=\s*DMARC1\s*(?:;|$)", text) is not None


def _ptr(host: str, resolver: Resolver) -> Finding:
    addresses = _addresses(host, resolver)
    if not all(ip_address(address).is_global for address in addresses):
        return Finding("ptr", "note", f"{host} is on this network; how it goes on is not seen.")
    if not addresses:
        return Finding("ptr", "note", f"{host} has no address in DNS.")
    for address in addresses:
        names = resolver.ask(address, "PTR")
        if not any(address in _addresses(name, resolver) for name in names):
            called = f"is called {names[0]}, which does not lead back" if names else "has no name"
            return Finding(
                "ptr",
                "note",
                f"{address} of {host} {called}.",
                "If mail goes out to the world from it, have its PTR set to a name whose A or "
                "AAAA is this address.",
            )
    return Finding("ptr", "ok", f"{host}: {', '.join(addresses)}, forth and back")


def _addresses(host: str, resolver: Resolver) -> tuple[str, ...]:
    try:
        return (str(ip_address(host)),)
    except ValueError:
        if not in_dns(host):
            return ()
        return resolver.ask(host, "A") + resolver.ask(host, "AAAA")


def _tags(record: str) -> dict[str, str]:
    """The tags of a record (RFC 6376 §3.2), without the blanks in their values."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): re.sub(r"\s", "", value) for name, _, value in pairs if name.strip()}
