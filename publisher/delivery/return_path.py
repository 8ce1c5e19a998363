"""Return paths: where bounces go, and which mail each of them is about.

With a bounce domain every mail has a return path of its own (VERP), `b+<token>@<bounce domain>`,
so that a bounce needs no guessing. The token is one byte for the kind of mail, five for its
number, five for the reader's and nine of an HMAC, in hexadecimal: it holds no address, survives
mail servers that change the case of letters, and the local part is 42 octets of the 64 allowed
(RFC 5321 §4.5.3.1.1).
"""

import hmac
from dataclasses import dataclass
from enum import IntEnum

from publisher.errors import TokenInvalidError

PREFIX = "b+"
_NUMBER, _PROOF = 5, 9  # bytes
_TOKEN = 1 + 2 * _NUMBER + _PROOF


class Kind(IntEnum):
    """What kind of mail a bounce is about; the numbers stand in mails that are out."""

    EDITION = 1
    LETTER = 2


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one reader: the number of its edition or letter, and the subscriber's."""

    kind: Kind
    number: int
    subscriber_id: int


def make(secret: str, mail: Mail, domain: str) -> str:
    """The return path of this mail, the same each time it is sent."""
    named = bytes((mail.kind,)) + _bytes(mail.number) + _bytes(mail.subscriber_id)
    return f"{PREFIX}{(named + _proof(secret, named)).hex()}@{domain}"


def read(secret: str, address: str) -> Mail:
    """The mail that a bounce to `address` is about; its domain is not looked at.

    Raises TokenInvalidError where we never made such an address.
    """
    local = address.strip().strip("<>").partition("@")[0].lower()
    try:
        token = bytes.fromhex(local.removeprefix(PREFIX))
    except ValueError:
        token = b""
    named, proof = token[:-_PROOF], token[-_PROOF:]
    if not local.startswith(PREFIX) or len(token) != _TOKEN or not _is_ours(secret, named, proof):
        raise TokenInvalidError("This return path was not made here, or was altered on its way.")
    number, subscriber = named[1 : 1 + _NUMBER], named[1 + _NUMBER :]
    return Mail(Kind(named[0]), int.from_bytes(number), int.from_bytes(subscriber))


def _is_ours(secret: str, named: bytes, proof: bytes) -> bool:
    return hmac.compare_digest(proof, _proof(secret, named))


def _proof(secret: str, named: bytes) -> bytes:
    told = b"publisher.return_path\0" + named
    return hmac.digest(secret.encode(), told, "sha256")[:_PROOF]


def _bytes(number: int) -> bytes:
    return number.to_bytes(_NUMBER)
