"""What a mail server answers: whole replies from bytes, and what they make of a message."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

Outcome = Literal["accepted", "refused", "deferred", "uncertain"]
Stage = Literal["address", "message", "mail", "rcpt", "data", "end"]

DONE, GO_ON, FAILED = 2, 3, 4  # classes of codes, RFC 5321 §4.2.1
CLOSING = 421

_MAX_REPLY_LINE = 64 * 1024
_MAX_REPLY_LINES = 100
_USUAL_LINE = 100
_MAX_TEXT = 200
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)


class Reply(NamedTuple):
    """What became of one message.

    `code` is None where the server did not decide; `text` is at most 200 printable characters;
    `stage` is what was answered: our own check of address or message, MAIL, RCPT, DATA or the
    message's end.
    """

    outcome: Outcome
    code: int | None
    text: str
    stage: Stage


class NotSmtpError(Exception):
    """The server said something that has no meaning here; nobody can say what it thinks."""


class Replies:
    """Bytes in, whole replies out; a reply may come in pieces and several in one piece."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []

    def read(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Code and raw text of each reply of one or many lines (RFC 5321 §4.2.1).

        Raises NotSmtpError for anything else, after the replies before it.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            read = _usual_line if len(line) < _USUAL_LINE else _line
            code, is_last, text = read(line)
            if is_last and not self._lines:
                yield code, text
                continue
            self._lines.append(text)
            if is_last:
                texts, self._lines = self._lines, []
                yield code, b" ".join(texts)
            elif len(self._lines) >= _MAX_REPLY_LINES:
                raise NotSmtpError("answered without end")
        if len(self._rest) > _MAX_REPLY_LINE:
            raise NotSmtpError("answered without end")


def _line(line: bytes) -> tuple[int, bool, bytes]:
    """Code, whether it is the reply's last line, and text."""
    found = _REPLY_LINE.fullmatch(line.rstrip(b"\r"))
    if not found or len(line) > _MAX_REPLY_LINE:
        raise NotSmtpError(f"answered “{decoded(line)}”, which is not SMTP")
    code, more, text = found.groups(b"")
    return int(code), more != b"-", text


# Servers say the same to every MAIL, RCPT and DATA.
_usual_line = lru_cache(maxsize=64)(_line)


def reply_to(stage: Stage, code: int, raw: bytes) -> Reply:
    """What an answer of class 2, 4 or 5 makes of a message."""
    outcome: Outcome = "refused"
    if code // 100 == DONE:
        outcome = "accepted"
    elif code // 100 == FAILED:
        outcome = "deferred"
    return Reply(outcome, code, decoded(raw), stage)


def decoded(raw: bytes) -> str:
    """What a server said, as at most 200 printable characters."""
    return printable(raw[:_MAX_REPLY_LINE].decode("utf-8", "replace"))


def printable(text: str) -> str:
    """At most 200 characters on one line, none of them a control."""
    shown = text[: 4 * _MAX_TEXT]
    if not shown.isprintable():
        shown = "".join(letter if letter.isprintable() else " " for letter in shown)
    return " ".join(shown.split())[:_MAX_TEXT]
