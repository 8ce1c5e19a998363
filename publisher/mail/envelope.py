"""One message's envelope, as this mail server takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from publisher.errors import RefusedError
from publisher.mail.addresses import envelope_address
from publisher.mail.replies import Reply, Stage, printable


class Offer(NamedTuple):
    """One message for one reader; `key` is whatever the caller knows it by.

    The message comes from `publisher.mail.mime`: CRLF line ends, the last line too, and no line
    that starts with a dot. An empty return path is the null sender.
    """

    key: int
    return_path: str
    recipient: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Features:
    """What the server announced; `most_bytes` is 0 where it named no limit."""

    pipelining: bool = False
    size: bool = False
    most_bytes: int = 0
    eight_bit: bool = False
    utf8: bool = False

    @classmethod
    def announced(cls, extensions: Mapping[str, str]) -> "Features":
        """From the keywords of EHLO in small letters, each with its parameters."""
        limit = extensions.get("size", "").strip()
        return cls(
            pipelining="pipelining" in extensions,
            size="size" in extensions,
            most_bytes=int(limit) if limit.isascii() and limit.isdigit() else 0,
            eight_bit="8bitmime" in extensions,
            utf8="smtputf8" in extensions,
        )


def envelope(offer: Offer, features: Features) -> tuple[bytes, bytes] | Reply:
    """The MAIL and RCPT commands, or the refusal of what this server cannot take.

    SIZE: RFC 1870, BODY: RFC 6152, SMTPUTF8: RFC 6531. Raises RefusedError for a return path that
    is no address: that is no reader's fault.
    """
    sender = envelope_address(offer.return_path) if offer.return_path else ""
    try:
        recipient = envelope_address(offer.recipient, utf8=True)
    except RefusedError as error:
        return _refused("address", str(error))
    if not recipient.isascii() and not features.utf8:
        return _refused("address", "The mail server takes only ASCII addresses (no SMTPUTF8).")
    size = len(offer.message)
    if features.most_bytes and size > features.most_bytes:
        return _refused(
            "message",
            f"The message has {size} bytes; the mail server takes {features.most_bytes} (SIZE).",
        )
    plain = offer.message.isascii()
    if not plain and not features.eight_bit:
        return _refused("message", "The mail server takes no 8-bit messages (no 8BITMIME).")
    parameters = f" SIZE={size}" if features.size else ""
    parameters += "" if plain else " BODY=8BITMIME"
    parameters += "" if recipient.isascii() else " SMTPUTF8"
    return (
        f"MAIL FROM:<{sender}>{parameters}\r\n".encode(),
        f"RCPT TO:<{recipient}>\r\n".encode(),
    )


def _refused(stage: Stage, text: str) -> Reply:
    return Reply("refused", None, printable(text), stage)
