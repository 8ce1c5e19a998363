"""Questions to DNS, answered in plain text and in bounded time."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Literal, Protocol

import dns.exception
import dns.resolver
from dns.rdata import Rdata
from dns.rdtypes.ANY.TXT import TXT

from publisher.errors import UnavailableError

Kind = Literal["TXT", "A", "AAAA", "MX", "PTR"]
PATIENCE_S = 3.0


class Resolver(Protocol):
    """Whoever answers questions to DNS."""

    def ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        """The records of that name; none where there is no such name or record.

        For PTR the name is an IP address. Names in answers have no dot at their end. Raises
        UnavailableError where nobody answers.
        """
        ...


class DnsResolver:
    """The resolver of this machine, or the given servers.

    A question takes 3 s at most. Once nobody answered, later questions are not asked at all, so
    that a machine without a network is not kept waiting.
    """

    def __init__(self, servers: Sequence[str] = (), port: int = 53) -> None:
        self._servers = servers
        self._port = port
        self._resolver: dns.resolver.Resolver | None = None
        self._silence = ""

    def ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        """As Resolver says."""
        if self._silence:
            raise UnavailableError(self._silence)
        asked = ip_address(name).reverse_pointer if kind == "PTR" else name
        try:
            answer = self._ready().resolve(
                f"{asked.rstrip('.')}.", kind, lifetime=PATIENCE_S, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except dns.resolver.NoNameservers:
            raise UnavailableError(f"the name servers give no answer about {name}") from None
        except (dns.resolver.LifetimeTimeout, dns.resolver.NoResolverConfiguration, OSError):
            self._silence = "no name server answers; is this machine offline?"
            raise UnavailableError(self._silence) from None
        except dns.exception.DNSException as error:
            raise UnavailableError(f"DNS cannot be asked about {name}: {error}") from None
        return tuple(_text(record) for record in answer.rrset or ())

    def _ready(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            self._resolver = dns.resolver.Resolver(configure=not self._servers)
            if self._servers:
                self._resolver.nameservers = list(self._servers)
                self._resolver.port = self._port
        return self._resolver


def _text(record: Rdata) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("utf-8", "replace")
    return record.to_text().rstrip(".")
