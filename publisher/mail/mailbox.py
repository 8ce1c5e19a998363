"""The development mailbox: a real mail server that keeps on disk what it is given."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from weakref import WeakSet

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from publisher.errors import UnavailableError
from publisher.mail.maildir import store

_READY_TIMEOUT_S = 10.0
_ROUND_S = 0.02


class Mailbox:
    """A mail server for one machine, in a thread of its own; it delivers to a folder only.

    Port 0 takes a free port. `delay_s` makes every message take that long, like a distant
    server. It takes lines of up to 1,001 bytes (RFC 5321 §4.5.3.1.6) and UTF-8 addresses.
    """

    def __init__(
        self,
        folder: Path,
        host: str,
        port: int,
        delay_s: float = 0.0,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._address = (host, port)
        self._keeper = _Keeper(folder, delay_s, clock)
        self._controller: Controller | None = None

    def start(self) -> int:
        """Listen, and return the port; raises UnavailableError if the port is taken."""
        host, port = self._address
        try:
            listener = socket.create_server((host, port))
        except OSError as error:
            raise UnavailableError(
                f"The mailbox cannot listen at {host}:{port} ({error.strerror}). Stop what uses "
                "the port, or choose another in PUBLISHER_MAILBOX_PORT."
            ) from error
        bound: int = listener.getsockname()[1]
        self._controller = _OnSocket(self._keeper, host, bound, listener)
        self._controller.start()
        return bound

    def stop(self) -> None:
        """Stop listening; what was accepted is on disk."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


class _OnSocket(Controller):
    """aiosmtpd's controller on a socket that is bound already: port 0 is known at once."""

    def __init__(self, keeper: "_Keeper", host: str, port: int, listener: socket.socket) -> None:
        super().__init__(
            keeper,
            hostname=host,
            port=port,
            server_hostname="mailbox.localhost",
            ident="Publisher development mailbox",
            ready_timeout=_READY_TIMEOUT_S,
        )
        self._listener = listener
        self._served: WeakSet[SMTP] = WeakSet()

    def factory(self) -> SMTP:
        server = SMTP(self.handler, **self.SMTP_kwargs)
        self._served.add(server)
        return server

    def stop(self, no_assert: bool = False) -> None:  # noqa: FBT001, FBT002 - as aiosmtpd has it
        # aiosmtpd leaves open connections behind, and from Python 3.12 on waits for them.
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(_READY_TIMEOUT_S)
        super().stop(no_assert)

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)

    async def _hang_up(self) -> None:
        self.loop.remove_reader(self._listener)  # nobody new; who is half in is in next round
        while conversations := asyncio.all_tasks() - {asyncio.current_task()}:
            for served in self._served:
                if isinstance(served.transport, asyncio.WriteTransport):
                    served.transport.abort()
            await asyncio.wait(conversations, timeout=_ROUND_S)


class _Keeper:
    """Answers the protocol's questions and puts each message on disk."""

    def __init__(self, folder: Path, delay_s: float, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._delay_s = delay_s
        self._clock = clock

    async def handle_EHLO(  # noqa: N802 - aiosmtpd calls it by this name
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Announce PIPELINING as well: commands are read from a stream, one after another."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Answer 250 when the message is safe on disk, 452 if it cannot be kept."""
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        keep = partial(
            store,
            self._folder,
            envelope.mail_from or "",
            envelope.rcpt_tos,
            envelope.original_content or b"",
            self._clock(),
        )
        try:
            key = await asyncio.to_thread(keep)
        except OSError as error:
            return f"452 4.3.1 The mailbox cannot keep the message: {error.strerror}"
        return f"250 2.0.0 Kept as {key}"
