"""What DNS has to say before large providers believe a newsroom's mail, and what to do if not."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

from publisher.errors import UnavailableError
from publisher.mail.dkim import Signer
from publisher.mail.lookup import Resolver
from publisher.mail.spf import flaw, spf_records

POLICIES = ("none", "quarantine", "reject")
_NOT_IN_DNS = frozenset(("example", "test", "invalid", "localhost", "local", "internal"))
_FOR_EXAMPLES = frozenset(("example.com", "example.net", "example.org"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found; `remedy` says what to do. A note is no failure, only good to know."""

    name: Literal["spf", "dkim", "dmarc", "ptr"]
    state: Literal["ok", "failed", "note"]
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """A domain that mail comes from, who signs it (None: the relay), and the relay's host."""

    domain: str
    signer: Signer | None
    relay: str


def check_sender(sender: Sender, resolver: Resolver) -> Iterator[Finding]:
    """Look at SPF, DKIM and DMARC; what DNS does not answer is a note.

    The envelope sender is the address in From, so SPF is asked for the same domain.
    """
    yield _answered("spf", sender.domain, lambda: _spf(sender, resolver))
    yield _answered("dkim", sender.domain, lambda: _dkim(sender, resolver))
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


def _answered(
    name: Literal["spf", "dkim", "dmarc", "ptr"], subject: str, look: Callable[[], Finding]
) -> Finding:
    try:
        return look()
    except UnavailableError as error:
        return Finding(name, "note", f"{subject}: not known, because {error}")


def _spf(sender: Sender, resolver: Resolver) -> Finding:
    domain, records = sender.domain, spf_records(sender.domain, resolver)
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
    return Finding("spf", "ok", f"{domain} says: {records[0]}")


def _mechanism(relay: str) -> str:
    try:
        return f"ip{ip_address(relay).version}:{relay}"
    except ValueError:
        return f"a:{relay}"


def _dkim(sender: Sender, resolver: Resolver) -> Finding:
    signer = sender.signer
    if signer is None:
        return Finding(
            "dkim",
            "note",
            f"Publisher has no key for {sender.domain}, so the relay must sign as it.",
            "If it does not, set PUBLISHER_DKIM_DOMAIN and PUBLISHER_DKIM_SELECTOR.",
        )
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
    return _matching_key(signer, published)


def _matching_key(signer: Signer, published: dict[str, str]) -> Finding:
    where = f"the key at {signer.address} is ours"
    kind = _tags(signer.record)["k"]
    if published.get("k", "rsa") != kind:
        remedy = f"Publish this TXT instead: {signer.record}"
        return Finding("dkim", "failed", f"{where}, but not marked k={kind}.", remedy)
    if "y" in published.get("t", "").split(":"):
        remedy = "Take t=y out of the record."
        return Finding("dkim", "note", f"{where}, but marked as a test.", remedy)
    if kind != "rsa":
        remedy = "Some providers read RSA only; let the relay sign with RSA as well."
        return Finding("dkim", "note", f"{where}, of the kind {kind}.", remedy)
    return Finding("dkim", "ok", where)


def _dmarc(sender: Sender, resolver: Resolver) -> Finding:
    domain, signer = sender.domain, sender.signer
    where, records = _dmarc_records(domain, resolver)
    remedy = f"Publish a TXT at _dmarc.{domain}: v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
    if not records:
        return Finding("dmarc", "failed", f"{domain} has no DMARC policy.", remedy)
    tags = _tags(records[0])
    if len(records) > 1 or tags.get("p", "").lower() not in POLICIES:
        said = " | ".join(records)
        one = f"Leave one TXT at {where} with p=none, p=quarantine or p=reject."
        return Finding("dmarc", "failed", f"The policy of {domain} does not count: {said}", one)
    if signer and tags.get("adkim", "r").lower() == "s" and signer.domain != domain:
        strict = f"Sign as {domain}, or take adkim=s out of the record."
        said = f"{where} wants signatures of {domain} itself; {signer.domain} signs."
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
