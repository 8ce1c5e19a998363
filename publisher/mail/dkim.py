"""DKIM signatures (RFC 6376): proof that a message is the sender's own and was not altered.

A message may bear two: RSA, which every receiver reads, and Ed25519 (RFC 8463), which is short.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from publisher.errors import InvalidInputError
from publisher.mail.dkim_key import PrivateKey, read_key

# Signed where they are present. Those in _ONCE are named once more than they occur, as all List-*
# are: a second one put in front would break the signature (RFC 6376 §8.15).
_SIGNED = (
    *(b"from", b"reply-to", b"to", b"subject", b"date"),
    *(b"message-id", b"feedback-id", b"mime-version", b"content-type"),
)
_ONCE = frozenset(_SIGNED) - {b"message-id", b"feedback-id"}
_BLANKS = re.compile(rb"[ \t]+")
_MAX_LINE = 76


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs as one domain with one key; receivers find its public half at `address`."""

    domain: str
    selector: str
    key: PrivateKey

    @classmethod
    def load(cls, path: Path, domain: str, selector: str) -> "Signer":
        """Read the key from a PEM file: RSA of 2048 to 4096 bits, or Ed25519 (RFC 8463).

        Raises ConfigurationError where there is no such file or no such key in it.
        """
        return cls(domain, selector, read_key(path))

    @property
    def address(self) -> str:
        """The name in DNS where receivers look for the public key."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The TXT that has to stand at `address`."""
        kind = self.key.algorithm.removesuffix("-sha256")
        return f"v=DKIM1; k={kind}; p={self.key.public}"

    @property
    def is_rsa(self) -> bool:
        """Whether every receiver can read its signatures."""
        return self.key.algorithm.startswith("rsa")


def sign(signers: Sequence[Signer], message: bytes, now: datetime) -> bytes:
    """The headers to put in front of the complete message, one a signer, each with its line end.

    The whole body is covered (no l=), canonicalisation is relaxed/simple. The same message
    and time give the same bytes. No signature covers another, so that each holds by itself.
    Raises InvalidInputError for what is no message with CRLF and a From.
    """
    end = message.find(b"\r\n\r\n")
    names, fields = _signed_fields(message[: end + 2] if end >= 0 else b"")
    body = _body_hash(message, end + 4)
    moment = int(now.timestamp())
    return b"".join(_header(signer, names, fields, body, moment) for signer in signers)


def _header(
    signer: Signer, names: tuple[bytes, ...], fields: bytes, body: str, moment: int
) -> bytes:
    lines = [
        f"v=1; a={signer.key.algorithm}; c=relaxed/simple;",
        *_folded(f"d={signer.domain}; s={signer.selector}; t={moment};"),
        *_name_lines(names),
        f"bh={body};",
        "b=",
    ]
    covered = fields + b"dkim-signature:" + " ".join(lines).encode("ascii")
    proof = base64.b64encode(signer.key.sign(covered)).decode("ascii")
    head = "DKIM-Signature: " + "\r\n ".join(lines)
    return (head + _chunks(proof) + "\r\n").encode("ascii")


def _signed_fields(head: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """The names for h=, and the fields they stand for in their relaxed form (§3.4.2).

    Of fields that occur more than once, the last is signed first (§5.4.2).
    """
    found = _fields(head)
    if b"from" not in found:
        raise InvalidInputError("A message cannot be signed without CRLF line ends and a From.")
    lists = sorted(name for name in found if name.startswith(b"list-"))
    names: list[bytes] = []
    signed: list[bytes] = []
    for name in (*_SIGNED, *lists):
        values = found.get(name)
        if values:
            names += [name] * (len(values) + (name in _ONCE or name in lists))
            signed += [b"%b:%b\r\n" % (name, value) for value in reversed(values)]
    return tuple(names), b"".join(signed)


def _fields(head: bytes) -> dict[bytes, list[bytes]]:
    """Values by name in small letters, unfolded, with single blanks."""
    flat = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    if b"  " in flat or b"\t" in flat:
        flat = _BLANKS.sub(b" ", flat)
    found: dict[bytes, list[bytes]] = {}
    for line in flat.split(b"\r\n"):
        name, _, value = line.partition(b":")
        found.setdefault(name.rstrip(b" ").lower(), []).append(value.strip(b" "))
    return found


def _body_hash(message: bytes, start: int) -> str:
    """The hash of the simple form (§3.4.3): exactly one line end at the end."""
    end = len(message)
    while message.endswith(b"\r\n\r\n", start, end):
        end -= 2
    digest = hashlib.sha256(memoryview(message)[start:end])
    if not message.endswith(b"\r\n", start, end):
        digest.update(b"\r\n")
    return base64.b64encode(digest.digest()).decode("ascii")


@lru_cache(maxsize=64)
def _name_lines(names: tuple[bytes, ...]) -> tuple[str, ...]:
    """`h=` on as many lines as it takes; all readers of a variant have the same."""
    lines, line = [], "h="
    for name in (one.decode("ascii") for one in names):
        if len(line) + len(name) >= _MAX_LINE:
            lines.append(line)
            line = ""
        line += f"{name}:"
    return (*lines, f"{line[:-1]};")


def _folded(tags: str) -> list[str]:
    return [tags] if len(tags) <= _MAX_LINE else tags.split(" ")


def _chunks(proof: str) -> str:
    """The signature folded; its blanks do not count."""
    first = _MAX_LINE - len("b=")
    rest = proof[first:]
    parts = [rest[at : at + _MAX_LINE] for at in range(0, len(rest), _MAX_LINE)]
    return "\r\n ".join([proof[:first], *parts])
