"""Reading kept messages back, whatever is in them: heads for lists, whole messages to look at."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from functools import lru_cache
from pathlib import Path

from publisher.errors import NotFoundError
from publisher.mail.maildir import Stored, keys, read

_HEAD_BYTES = 32 * 1024
_SUBJECT = re.compile(rb"^subject:[ \t]*(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_KEPT_HEADS = 20_000


@dataclass(frozen=True, slots=True)
class Head:
    """A message in a list."""

    key: str
    received_at: datetime
    envelope_from: str
    recipients: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A message to look at; a part that it does not have is empty."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


@lru_cache(maxsize=_KEPT_HEADS)
def head(folder: Path, key: str) -> Head:
    """The head of one message, read once: a message never changes. Raises NotFoundError."""
    stored = read(folder, key)
    return Head(
        key=key,
        received_at=stored.received_at,
        envelope_from=stored.envelope_from,
        recipients=stored.recipients,
        subject=_subject(stored),
    )


def heads(folder: Path, chosen: Sequence[str]) -> list[Head]:
    """The heads of these messages, in this order, less those that were cleared away meanwhile."""
    found = []
    for key in chosen:
        try:
            found.append(head(folder, key))
        except NotFoundError:
            continue
    return found


def search(folder: Path, text: str) -> list[Head]:
    """The messages with `text` in their subject or in an address they went to, newest first."""
    wanted = text.casefold()
    return [
        one
        for one in heads(folder, keys(folder))
        if wanted in one.subject.casefold()
        or any(wanted in address.casefold() for address in one.recipients)
    ]


def opened(raw: bytes) -> Opened:
    """A message taken apart; what cannot be decoded is shown as well as it can be."""
    message = message_from_bytes(raw)
    headers = tuple((name, decoded(str(value))) for name, value in message.raw_items())
    return Opened(headers, _first(message, "text/plain"), _first(message, "text/html"))


def decoded(value: str) -> str:
    """A header's value with its encoded words read (RFC 2047), on one line."""
    plain = " ".join(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())
    if "=?" not in plain:
        return plain
    try:
        return _printable(" ".join(str(make_header(decode_header(plain))).split()))
    except (HeaderParseError, LookupError, ValueError):  # UnicodeError is a ValueError
        return plain


def _subject(stored: Stored) -> str:
    with stored.path.open("rb") as file:
        start = file.read(_HEAD_BYTES)
    found = _SUBJECT.search(_END_OF_HEAD.split(start, maxsplit=1)[0])
    return decoded(found[1].decode("utf-8", "surrogateescape")) if found else ""


def _first(message: Message, media_type: str) -> str:
    for part in message.walk():
        if part.get_content_type() == media_type and part.get_content_disposition() is None:
            return _text(part)
    return ""


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        return _printable(raw.decode(part.get_content_charset("utf-8"), "replace"))
    except (LookupError, ValueError):  # some codecs know no replacing
        return raw.decode("utf-8", "replace")


def _printable(text: str) -> str:
    """Without halves of surrogate pairs, which UTF-7 and others can smuggle in."""
    return text.encode("utf-8", "replace").decode("utf-8")
