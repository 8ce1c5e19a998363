"""DNS for tests: answers from a script, and a name server on loopback that serves the same."""

import socketserver
import threading
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from publisher.errors import UnavailableError
from publisher.mail.lookup import Kind

Zone = Mapping[tuple[str, str], tuple[str, ...]]  # (name or, for PTR, address; kind) → records


class Scripted:
    """Answers from a zone; remembers what was asked."""

    def __init__(self, zone: Zone, *, silent_about: frozenset[str] = frozenset()) -> None:
        self.asked: list[tuple[str, str]] = []
        self._zone = zone
        self._silent_about = silent_about

    def ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        self.asked.append((name, kind))
        if name in self._silent_about:
            raise UnavailableError(f"the name servers give no answer about {name}")
        return self._zone.get((name, kind), ())


class NameServer:
    """Speaks DNS over UDP on a free port of loopback: `with NameServer(zone) as server:`."""

    def __init__(
        self, zone: Zone, *, silent_about: frozenset[str] = frozenset(), mute: bool = False
    ) -> None:
        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Answer)
        self._server.answer = None if mute else _answering(zone, silent_about)  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        packet, sock = self.request
        if self.server.answer:  # type: ignore[attr-defined]
            sock.sendto(self.server.answer(packet), self.client_address)  # type: ignore[attr-defined]


def _answering(zone: Zone, silent_about: frozenset[str]) -> Callable[[bytes], bytes]:
    served = {_key(name, kind): records for (name, kind), records in zone.items()}
    broken = {f"{name}." for name in silent_about}

    def answer(packet: bytes) -> bytes:
        query = dns.message.from_wire(packet)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        question = query.question[0]
        name = question.name.to_text().lower()
        if name in broken:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif all(known != name for known, _ in served):
            response.set_rcode(dns.rcode.NXDOMAIN)
        _fill(response, question, served.get((name, dns.rdatatype.to_text(question.rdtype)), ()))
        return response.to_wire()

    return answer


def _fill(
    response: dns.message.Message, question: dns.rrset.RRset, records: tuple[str, ...]
) -> None:
    for text in records:
        told = f"{text}." if question.rdtype == dns.rdatatype.PTR else text
        if question.rdtype == dns.rdatatype.TXT:  # strings of 255 octets at most
            parts = (text[at : at + 200] for at in range(0, len(text), 200))
            told = " ".join(f'"{part}"' for part in parts)
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", question.rdtype, told))


def _key(name: str, kind: str) -> tuple[str, str]:
    return (f"{ip_address(name).reverse_pointer if kind == 'PTR' else name}.", kind)
