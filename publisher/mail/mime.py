"""Complete messages: a prepared skeleton per variant, filled for each reader in microseconds."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from publisher.errors import TemplateBrokenError
from publisher.mail.encode import clean_values
from publisher.mail.headers import address_header, header
from publisher.mail.splice import NO_STARTS, Slot, Spliced, splice


class Personal(NamedTuple):
    """What is one reader's own in a message; `headers` in their order.

    `values` by slot name, without what they start with for everybody.
    """

    address: str
    name: str
    message_id: str
    values: Mapping[str, str]
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A variant's message with everything encoded that is the same for all its readers."""

    head: bytes
    middle: bytes
    text: Spliced
    between: bytes
    html: Spliced
    end: bytes

    @classmethod
    def prepare(
        cls,
        headers: Sequence[tuple[str, str]],
        *,
        text: str,
        html: str,
        slots: Mapping[str, Slot],
        seed: str,
        starts: Mapping[str, str] = NO_STARTS,
    ) -> "Skeleton":
        """Encode a variant once; the same arguments give the same bytes.

        `headers` are those that all readers share, without To, Message-ID and MIME headers;
        `starts` by slot name what every reader's value begins with. Raises TemplateBrokenError
        where a slot was altered or stands in a header.
        """
        _refuse_slots_in(headers, slots)
        boundary = _boundary(seed)
        plain = splice(text, "text", slots, starts)
        rich = splice(html, "html", slots, starts)
        return cls(
            head=b"".join(header(name, value) for name, value in headers),
            middle=_mime_headers(boundary) + _part_headers(boundary, plain),
            text=plain,
            between=b"\r\n" + _part_headers(boundary, rich),
            html=rich,
            end=f"\r\n--{boundary}--\r\n".encode(),
        )

    def message(self, person: Personal) -> bytes:
        """One reader's complete message: CRLF, ASCII, no line that starts with a dot.

        Raises RefusedError if the address cannot be mailed.
        """
        values = clean_values(person.values)
        pieces = [
            self.head,
            address_header("To", person.name, person.address),
            header("Message-ID", person.message_id),
            *[header(name, value) for name, value in person.headers],
            self.middle,
            *self.text.fill(values),
            self.between,
            *self.html.fill(values),
            self.end,
        ]
        return b"".join(pieces)


def simple_message(headers: Sequence[tuple[str, str]], text: str, html: str) -> bytes:
    """A letter to one person by the same writer; `headers` include To and Message-ID."""
    boundary = _boundary(text + html)
    plain, rich = splice(text, "text", {}), splice(html, "html", {})
    return b"".join(
        [
            *[header(name, value) for name, value in headers],
            _mime_headers(boundary),
            _part_headers(boundary, plain),
            *plain.fill({}),
            b"\r\n",
            _part_headers(boundary, rich),
            *rich.fill({}),
            f"\r\n--{boundary}--\r\n".encode(),
        ]
    )


def message_id(key: bytes, *parts: str, domain: str) -> str:
    """A Message-ID that is the same whenever the same thing is sent again.

    Mailbox stores drop a second copy with a known Message-ID, so a repeated delivery does not
    show. The parts cannot be read from it nor guessed without the key (keyed BLAKE2b, RFC 7693).
    """
    proof = _keyed(key).copy()
    proof.update("".join([f"{len(part)}:{part}" for part in parts]).encode())
    return f"<{proof.hexdigest()}@{domain}>"


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> "hashlib.blake2b":
    """To be copied; BLAKE2 takes no key over 64 bytes."""
    short = hashlib.sha256(key).digest()
    return hashlib.blake2b(key=short, digest_size=20, person=b"message-id")


def _refuse_slots_in(headers: Sequence[tuple[str, str]], slots: Mapping[str, Slot]) -> None:
    for name, value in headers:
        if any(slot.key in value for slot in slots.values()):
            raise TemplateBrokenError(name, "personal fields cannot stand in a shared header")


def _boundary(seed: str) -> str:
    # `=_` occurs in no line of quoted-printable or base64, so the boundary occurs in no part.
    return "=_" + hashlib.sha256(b"boundary\0" + seed.encode()).hexdigest()[:32]


def _mime_headers(boundary: str) -> bytes:
    return (
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'
    ).encode()


def _part_headers(boundary: str, part: Spliced) -> bytes:
    subtype = "plain" if part.kind == "text" else "html"
    return (
        f"--{boundary}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {part.body.coding}\r\n\r\n"
    ).encode()
