"""The drill's mail server: what it says 250 to is on disk before it says so.

It announces PIPELINING (RFC 2920), takes everything, and tells a `notice` how far each message
has come, so that a worker can be killed at exactly that moment.
"""

import asyncio
import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"
_BIGGEST = 2**24
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>\r\n]*>)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"<([^>]*)>")
_GREETING = b"250-drill\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 0\r\n"


class Moment(StrEnum):
    """How far a message has come."""

    OFFERED = "offered"  # MAIL was said
    BEGUN = "begun"  # 354 is about to be said
    ARRIVED = "arrived"  # all of it is here, nothing is said yet
    ANSWERED = "answered"  # 250 was said


Notice = Callable[[Moment], bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """One message for one recipient, as the record has it."""

    recipient: str
    message_id: str


class Sink:
    """A context manager; listens on a free port of loopback while it is entered.

    `most_open` is the highest number of connections that were open at once. A message takes at
    least `delay_s`. `notice` is called from another thread; a message of which it says False when
    it has arrived is dropped with its connection.
    """

    def __init__(
        self, record: Path, clock: Callable[[], datetime], notice: Notice, *, delay_s: float
    ) -> None:
        self.record = record
        self.port = 0
        self.most_open = 0
        self._open = 0
        self._clock = clock
        self._notice = notice
        self._delay_s = delay_s
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._file = os.open(self.record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()
        os.close(self._file)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stopped = asyncio.Event()
        server = await asyncio.start_server(self._talk, HOST, 0, limit=_BIGGEST)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _talk(self, lines: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        try:
            # whoever was killed leaves in the middle of a word
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._converse(lines, out)
        finally:
            self._open -= 1
            out.close()

    async def _converse(self, lines: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        out.write(b"220 drill\r\n")
        recipients: list[str] = []
        while line := await lines.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                await self._take(lines, out, recipients)
                recipients = []
                continue
            if verb == b"MAIL":
                self._notice(Moment.OFFERED)
            if verb == b"RCPT":
                recipients.append(_address(line))
            out.write(_answer(verb))
            await out.drain()
            if verb == b"QUIT":
                return

    async def _take(
        self, lines: asyncio.StreamReader, out: asyncio.StreamWriter, recipients: list[str]
    ) -> None:
        """Take a message: written, synced, and only then answered."""
        self._notice(Moment.BEGUN)
        out.write(b"354 go on\r\n")
        message = await lines.readuntil(b"\r\n.\r\n")
        await asyncio.sleep(self._delay_s)
        if not self._notice(Moment.ARRIVED):
            raise ConnectionAbortedError
        self._keep(recipients, message)
        out.write(b"250 2.0.0 kept\r\n")
        await out.drain()
        self._notice(Moment.ANSWERED)

    def _keep(self, recipients: list[str], message: bytes) -> None:
        found = _MESSAGE_ID.search(message)
        message_id = found[1].decode("ascii", "replace") if found else "<>"
        for recipient in recipients:
            line = f"{self._clock().isoformat()} {recipient} {message_id}\n"
            os.write(self._file, line.encode())
        os.fsync(self._file)


def read_record(record: Path) -> list[Kept]:
    """All that the mail server has said 250 to, or was about to, in the order of arrival."""
    lines = record.read_text(encoding="utf-8").splitlines()
    return [Kept(*line.split(" ")[1:]) for line in lines]


def _address(line: bytes) -> str:
    found = _ADDRESS.search(line)
    return found[1].decode("utf-8", "replace").replace(" ", "") if found else ""


def _answer(verb: bytes) -> bytes:
    if verb in {b"EHLO", b"HELO"}:
        return _GREETING
    if verb == b"QUIT":
        return b"221 bye\r\n"
    return b"250 ok\r\n" if verb in {b"MAIL", b"RCPT", b"RSET", b"NOOP"} else b"502 no\r\n"
