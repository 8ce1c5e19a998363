"""A real SMTP server (aiosmtpd) that keeps what it gets and answers as a test tells it to."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from weakref import WeakSet

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[Envelope], str | None]


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it was accepted: the envelope and the bytes after DATA."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    def parsed(self) -> EmailMessage:
        """The message as a mail program reads it."""
        return message_from_bytes(self.raw, policy=policy.default)


class SmtpServer:
    """Listens on a free port of loopback; `messages` holds what it accepted, in order.

    `refuse[address] = "550 5.1.1 no such reader"` answers RCPT for one address, `refuse_sender`
    answers MAIL; `before_data` and
    `after_data` see each envelope and may answer in place of `250` (after_data: the message is
    kept nevertheless), or raise ConnectionResetError to cut the line at that moment.
    """

    def __init__(self) -> None:
        self.messages: list[Received] = []
        self.refuse: dict[str, str] = {}
        self.refuse_sender = ""
        self.before_data: Answer = _no_answer
        self.after_data: Answer = _no_answer
        self.delay_s = 0.0
        self.connections = 0
        self.host = "127.0.0.1"
        self._lock = threading.Lock()
        self._controller = _Controller(self)

    @property
    def port(self) -> int:
        return self._controller.port

    def start(self) -> None:
        self._controller.start()
        self.connections = 0  # aiosmtpd has knocked to see whether it answers

    def stop(self) -> None:
        """Stop listening; may be called again, so a test can take the server away."""
        if not self._controller.loop.is_closed():
            self._controller.stop()

    def recipients(self) -> list[str]:
        """Everyone who was sent something, once for each message, in the order of arrival."""
        return [address for message in self.messages for address in message.recipients]

    async def handle_EHLO(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, session: Session, _envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        session.host_name = host
        return [*answers[:-1], "250-PIPELINING", answers[-1]]

    async def handle_MAIL(  # noqa: N802 - the name is aiosmtpd's
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        answer = _ask(self.before_data, server, envelope)
        if answer:
            return answer
        with self._lock:
            self.messages.append(_received(envelope))
        return _ask(self.after_data, server, envelope) or "250 2.0.0 kept"


class _Controller(Controller):
    """aiosmtpd's thread, on a port that the system chooses."""

    def __init__(self, handler: SmtpServer) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._served: WeakSet[SMTP] = WeakSet()
        port = self._socket.getsockname()[1]
        super().__init__(handler, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)

    def factory(self) -> SMTP:
        self.handler.connections += 1
        server = SMTP(self.handler, **self.SMTP_kwargs)
        self._served.add(server)
        return server

    def stop(self, no_assert: bool = False) -> None:  # noqa: FBT001, FBT002 - as aiosmtpd has it
        """Hang up on everybody first: aiosmtpd leaves connections open, or waits for them."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(10)
        super().stop(no_assert)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)

    async def _hang_up(self) -> None:
        self.loop.remove_reader(self._socket)
        while talks := asyncio.all_tasks() - {asyncio.current_task()}:
            for transport in [served.transport for served in self._served if served.transport]:
                transport.abort()
            await asyncio.wait(talks, timeout=0.02)


def _ask(question: Answer, server: SMTP, envelope: Envelope) -> str | None:
    try:
        return question(envelope)
    except ConnectionResetError:
        server.transport.abort()
        return "421 4.3.2 cut off"


def _received(envelope: Envelope) -> Received:
    raw = envelope.content if isinstance(envelope.content, bytes) else b""
    return Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw)


def _no_answer(_envelope: Envelope) -> None:
    return None


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A mail server of this test's own."""
    server = SmtpServer()
    server.start()
    yield server
    server.stop()
