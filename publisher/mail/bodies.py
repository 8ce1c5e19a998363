"""Encoded bodies with gaps: what all readers share is encoded once, a reader's values later.

Quoted-printable is read by people and is short for scripts like Latin; base64 is a third longer
than the text whatever its script, where quoted-printable triples CJK, Arabic or Hebrew.
"""

import binascii
import re
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Protocol, Self

from publisher.mail.encode import body_bytes, quoted_printable

_LINE_BYTES = 57  # they make 76 characters (RFC 2045 §6.8)
# As tokens and most names are: what quoted-printable leaves as it is, on one line.
_PLAIN_LINE = re.compile(r"(?!From )[A-Za-z0-9_-](?:[A-Za-z0-9 ._-]{0,73}[A-Za-z0-9_-])?")
_PHASES = 3  # base64 takes three bytes at a time


class Body(Protocol):
    """A body's fixed pieces, encoded; `coding` is its Content-Transfer-Encoding."""

    coding: ClassVar[str]

    @property
    def size(self) -> int:
        """Bytes of the fixed pieces."""
        ...

    def fill(self, names: Sequence[str], texts: Mapping[str, str]) -> list[bytes]:
        """The encoded bytes in order, the text of each name put into its gap."""
        ...


def encoded_body(statics: Sequence[str]) -> Body:
    """The body whose fixed pieces these are: base64 only where that makes it smaller.

    Between any two pieces is a gap; the last piece ends its line. ASCII stays readable.
    """
    quoted = QuotedBody.of(statics)
    if all(map(str.isascii, statics)) or quoted.size <= _least_dense(statics):
        return quoted
    dense = Base64Body.of(statics)
    return dense if dense.size < quoted.size else quoted


def _least_dense(statics: Sequence[str]) -> int:
    """Bytes that base64 takes at the very least, told without encoding: every variant asks."""
    return sum(map(len, statics)) * 4 // 3 - 4 * len(statics)


@dataclass(frozen=True, slots=True)
class QuotedBody:
    """Every piece and every value ends its line, so no line depends on its neighbours."""

    coding: ClassVar[str] = "quoted-printable"
    pieces: tuple[bytes, ...]

    @classmethod
    def of(cls, statics: Sequence[str]) -> Self:
        """Encode the pieces."""
        return cls(tuple(map(quoted_printable, statics)))

    @property
    def size(self) -> int:
        """Bytes of the fixed pieces."""
        return sum(map(len, self.pieces))

    def fill(self, names: Sequence[str], texts: Mapping[str, str]) -> list[bytes]:
        """The encoded bytes in order."""
        filled = [b""] * (len(self.pieces) + len(names))
        filled[::2] = self.pieces
        filled[1::2] = [_quoted_value(texts[name]) for name in names]
        return filled


@lru_cache(maxsize=16)
def _quoted_value(text: str) -> bytes:
    """A reader's links stand in both parts of a message, mostly to the letter."""
    if _PLAIN_LINE.fullmatch(text):
        return text.encode() + b"=\r\n"
    return quoted_printable(text)


@dataclass(frozen=True, slots=True)
class Phase:
    """A piece as it stands after so many odd bytes.

    `head` (0 to 2 bytes) completes the line of what stands before; `lines` are encoded; `tail`
    (0 to 2 bytes) begins the line of what comes. No `lines`: it is too short to complete it.
    """

    head: bytes
    lines: bytes | None
    tail: bytes


@dataclass(frozen=True, slots=True)
class Base64Body:
    """Base64 runs on over the gaps, three bytes at a time, with no `=` but at the end.

    So each piece is encoded in three phases, one for each number of bytes by which the text
    before it may miss a multiple of three. A value stands on lines of its own, together with what
    is left over before it and what completes it.
    """

    coding: ClassVar[str] = "base64"
    first: Phase
    others: tuple[tuple[Phase, ...], ...]

    @classmethod
    def of(cls, statics: Sequence[str]) -> Self:
        """Encode the pieces in their phases."""
        *raws, last = map(body_bytes, statics)
        pieces = [tuple(_phase(raw, missing) for missing in range(_PHASES)) for raw in raws]
        pieces.append(tuple(_last_phase(last, missing) for missing in range(_PHASES)))
        return cls(pieces[0][0], tuple(pieces[1:]))

    @property
    def size(self) -> int:
        """Bytes of the fixed pieces."""
        return sum(len(phase.lines or b"") for phase in (self.first, *(o[0] for o in self.others)))

    def fill(self, names: Sequence[str], texts: Mapping[str, str]) -> list[bytes]:
        """The encoded bytes in order."""
        raws = {name: body_bytes(text) for name, text in texts.items()}
        filled, carry = [self.first.lines or b""], self.first.tail
        for name, phases in zip(names, self.others, strict=True):
            carry += raws[name]
            phase = phases[-len(carry) % _PHASES]
            carry += phase.head
            if phase.lines is not None:
                filled += (_lines(carry), phase.lines)
                carry = phase.tail
        return filled


def _phase(raw: bytes, missing: int) -> Phase:
    if len(raw) < missing:
        return Phase(raw, None, b"")
    end = len(raw) - (len(raw) - missing) % _PHASES
    return Phase(raw[:missing], _lines(raw[missing:end]), raw[end:])


def _last_phase(raw: bytes, missing: int) -> Phase:
    """It ends with CRLF, so it is never too short."""
    return Phase(raw[:missing], _lines(raw[missing:]), b"")


def _lines(raw: bytes) -> bytes:
    if len(raw) > _LINE_BYTES:
        return encodebytes(raw).replace(b"\n", b"\r\n")
    return binascii.b2a_base64(raw, newline=False) + b"\r\n" if raw else b""
