"""The conversation in which messages are handed over, and what the server said to each."""

import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Literal, NoReturn

from publisher.errors import RefusedError, UnavailableError
from publisher.mail.addresses import envelope_address

Outcome = Literal["accepted", "refused", "deferred", "uncertain"]
Stage = Literal["address", "mail", "rcpt", "data", "end"]

_MAX_REPLY_LINE = 64 * 1024
_MAX_REPLY_LINES = 100
_MAX_TEXT = 200
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_CLOSING = 421
_DONE, _GO_ON, _FAILED = 2, 3, 4  # classes of codes, RFC 5321 §4.2.1
_QUIT_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one message.

    `code` is None where the server did not decide; `text` is at most 200 printable characters;
    `stage` is what was answered: our address check, MAIL, RCPT, DATA or the message's end.
    """

    outcome: Outcome
    code: int | None
    text: str
    stage: Stage


class Connection:
    """One conversation with the mail server; usable until `alive` is False."""

    def __init__(self, sock: socket.socket, replies: BinaryIO, *, name: str, size: bool) -> None:
        self._sock = sock
        # A message's end follows it at once: without this, it waits for an acknowledgement.
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = replies
        self._name = name
        self._says_size = size
        self.alive = True

    def send(self, return_path: str, recipient: str, message: bytes) -> Reply:
        """Hand one message over and say what the server made of it.

        The message comes from `publisher.mail.mime`: CRLF line ends, no line that starts with
        a dot. 5xx is refused, 4xx deferred; after 421 or a lost connection `alive` is False. A
        connection lost once the message's end was written gives `uncertain`: the server may
        have it. Lost before that, raises UnavailableError: the server cannot have it. Raises
        RefusedError for a return path that is no address.
        """
        sender = envelope_address(return_path) if return_path else ""
        try:
            recipient = envelope_address(recipient)
        except RefusedError as error:
            return Reply("refused", None, printable(str(error)), "address")
        size = f" SIZE={len(message)}" if self._says_size else ""
        refusal = (
            self._refusal("mail", f"MAIL FROM:<{sender}>{size}", _DONE)
            or self._refusal("rcpt", f"RCPT TO:<{recipient}>", _DONE)
            or self._refusal("data", "DATA", _GO_ON)
        )
        return refusal or self._end_of(message)

    def close(self) -> None:
        """Say goodbye if the server still listens, and let the connection go."""
        if self.alive:
            self._sock.settimeout(_QUIT_TIMEOUT_S)
            # The messages before are answered; a missing goodbye changes nothing.
            with suppress(OSError, ValueError):
                self._command("QUIT", _DONE)
        self._drop()

    def _refusal(self, stage: Stage, command: str, wanted: int) -> Reply | None:
        """None if the server says go on; otherwise its answer, with the transaction undone."""
        try:
            code, text = self._command(command, wanted)
        except (OSError, ValueError) as error:
            self._lost(error)
        if code // 100 == wanted:
            return None
        reply = self._reply(code, text, stage)
        if self.alive and stage != "mail":
            self._reset()
        return reply

    def _end_of(self, message: bytes) -> Reply:
        try:
            self._sock.sendall(message)
        except OSError as error:
            self._lost(error)
        try:
            code, text = self._command(".", _DONE)
        except (OSError, ValueError) as error:
            self._drop()
            said = f"The answer to the message was lost: {_said(error)}"
            return Reply("uncertain", None, printable(said), "end")
        return self._reply(code, text, "end")

    def _reply(self, code: int, text: str, stage: Stage) -> Reply:
        if code == _CLOSING:
            self._drop()
        outcome: Outcome = "refused"
        if code // 100 == _DONE:
            outcome = "accepted"
        elif code // 100 == _FAILED:
            outcome = "deferred"
        return Reply(outcome, code, text, stage)

    def _reset(self) -> None:
        try:
            code, _ = self._command("RSET", _DONE)
        except (OSError, ValueError):
            code = _CLOSING
        if code // 100 != _DONE:
            self._drop()

    def _command(self, command: str, wanted: int) -> tuple[int, str]:
        """Code and printable text of the answer: of the wanted class, 4xx or 5xx.

        Raises ValueError for any other answer; nobody can say what the server meant.
        """
        self._sock.sendall(command.encode("ascii") + b"\r\n")
        code, text = self._answer()
        if code // 100 != wanted and code // 100 < _FAILED:
            raise ValueError(f"answered “{code} {text}” to {command[:4]}")
        return code, text

    def _answer(self) -> tuple[int, str]:
        """One reply of one or many lines (RFC 5321 §4.2.1)."""
        texts = []
        for _ in range(_MAX_REPLY_LINES):
            line = self._replies.readline(_MAX_REPLY_LINE)
            if not line.endswith(b"\n"):
                raise ConnectionError("the server closed the connection")
            found = _REPLY_LINE.fullmatch(line.rstrip(b"\r\n"))
            if not found:
                raise ValueError(f"answered “{decoded(line)}”, which is not SMTP")
            texts.append(decoded(found[3] or b""))
            if found[2] != b"-":
                return int(found[1]), printable(" ".join(texts))
        raise ValueError("answered without end")

    def _lost(self, error: Exception) -> NoReturn:
        self._drop()
        raise UnavailableError(
            f"{self._name} was lost before the message was handed over: {_said(error)}."
        ) from error

    def _drop(self) -> None:
        self.alive = False
        self._replies.close()
        self._sock.close()


def decoded(raw: bytes) -> str:
    """What a server said, as at most 200 printable characters."""
    return printable(raw[:_MAX_REPLY_LINE].decode("utf-8", "replace"))


def printable(text: str) -> str:
    """At most 200 characters on one line, none of them a control."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * _MAX_TEXT])
    return " ".join(shown.split())[:_MAX_TEXT]


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
