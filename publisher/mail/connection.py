"""One connection to the mail server: a conversation with its socket, and how long we wait."""

import selectors
import socket
import ssl
import time

from publisher.errors import UnavailableError
from publisher.mail.conversation import Conversation, Keeper
from publisher.mail.envelope import Features, Offer
from publisher.mail.outbox import WOULD_BLOCK
from publisher.mail.replies import Outcome, Reply, Stage

__all__ = ["Connection", "Outcome", "Reply", "Stage"]

# RFC 5321 §4.5.3.2; RSET and QUIT are not named there.
_PATIENCE_S = {"reset": 300.0, "mail": 300.0, "rcpt": 300.0, "data": 120.0, "end": 600.0}
_PATIENCE_S |= {"dot": 600.0, "quit": 2.0}
_PATIENCE_WRITING_S = 180.0
LOOK_S = 0.25  # how often time-outs are looked at
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
_CHUNK = 8 * 1024


class Connection(Conversation):
    """Usable until `alive` is False. Its socket never waits; whoever drives it does.

    `send` and `close` drive one alone; `publisher.mail.pipeline` drives several at once.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        name: str,
        features: Features,
        answers_s: float = 600.0,
        heard: bytes = b"",
    ) -> None:
        super().__init__(name, features)
        sock.settimeout(0)
        # A message's end follows it at once: without this, it waits for an acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._tls = isinstance(sock, ssl.SSLSocket)
        self._answers_s = answers_s
        self.moved_at = time.monotonic()
        self.watched = 0  # the events its selector was last told to watch for
        if heard:
            self.hear(heard)

    @property
    def busy(self) -> bool:
        """Whether the server owes an answer."""
        return self.alive and self.awaits is not None

    @property
    def events(self) -> int:
        """What a selector is to watch for."""
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self.outbox.waits else 0)

    def fileno(self) -> int:
        """For selectors; -1 once it is closed."""
        return self._sock.fileno()

    def send(self, return_path: str, recipient: str, message: bytes) -> Reply:
        """Hand one message over and wait for what the server makes of it.

        5xx is refused, 4xx deferred; after 421 or a lost connection `alive` is False. A
        connection lost once the message's end was written gives `uncertain`: the server may
        have it. Lost before that, raises UnavailableError: the server cannot have it. Raises
        RefusedError for a return path that is no address.
        """
        book = _OneMessage()
        self.begin(Offer(0, return_path, recipient, message), book)
        try:
            self._converse()
        except BaseException:  # interrupted: nobody knows any more who is to speak
            self.drop()
            raise
        if book.reply is None:
            raise UnavailableError(book.reason)
        return book.reply

    def close(self) -> None:
        """Say goodbye if the server still listens, and let the connection go."""
        if self.alive and not self.busy:
            self.leave()
            self._converse()
        self.drop()

    def begin(self, offer: Offer, keeper: Keeper) -> None:
        """Queue the next message; nothing is written before `speak`."""
        if not self.busy:
            self.moved_at = time.monotonic()
        super().begin(offer, keeper)

    def leave(self) -> None:
        """Queue the goodbye."""
        self.moved_at = time.monotonic()
        super().leave()

    def speak(self) -> None:
        """Write what the socket takes without waiting."""
        before = self.outbox.written
        try:
            self.outbox.flush(self._sock)
        except OSError as error:
            self.listen()  # the server may have said why before it hung up
            self.lose(_said(error))
        if self.outbox.written > before:
            self.moved_at = time.monotonic()

    def listen(self) -> None:
        """Take what the server said, without waiting."""
        while self.alive:
            try:
                data = self._sock.recv(_CHUNK)
            except WOULD_BLOCK:
                break
            except OSError as error:
                self.lose(_said(error))
                return
            if not data:
                self.lose("the server closed the connection")
                return
            self.hear(data)
            # What TLS has read already would not wake a selector, so it is asked for more.
            if len(data) < _CHUNK and not self._tls:
                break
        self._hurry()

    def hear(self, data: bytes) -> None:
        """Take what the server said and note when it did."""
        before = self.heard
        super().hear(data)
        if self.heard > before:
            self.moved_at = time.monotonic()

    def check_time(self, now: float) -> None:
        """Give the server up if it has been silent for too long; `now` is monotonic."""
        awaited = self.awaits
        if awaited is None:
            return
        patience = _PATIENCE_WRITING_S if self.outbox.waits else _PATIENCE_S[awaited]
        patience = min(patience, self._answers_s)
        if now - self.moved_at >= patience:
            self.lose(f"timed out, nothing moved for {patience:g} s")

    def lose(self, reason: str) -> None:
        """The line is gone; the keeper is told what that means."""
        super().lose(reason)
        self._sock.close()

    def drop(self) -> None:
        """Close without a word to server or keeper."""
        self.alive = False
        self._sock.close()

    def _hurry(self) -> None:
        """Acknowledge at once where more answers must follow before we speak again.

        A server that writes each of them by itself holds the second back until we have
        acknowledged the first (RFC 896), and our system would think 40 ms about that.
        """
        if _QUICKACK is not None and self.busy and not self.outbox.waits:
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def _converse(self) -> None:
        """Until the server owes nothing more."""
        self.speak()
        if not self.busy:
            return
        with selectors.DefaultSelector() as selector:
            selector.register(self, self.events)
            while self.busy:
                selector.modify(self, self.events)
                selector.select(min(self._answers_s, LOOK_S))
                self.listen()
                self.check_time(time.monotonic())
                self.speak()


class _OneMessage:
    """The books of a single message."""

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self.reason = ""

    def may_offer(self) -> bool:
        return True

    def offering(self, _key: int) -> bool:
        """Nothing is kept between tries."""
        return True

    def answered(self, _key: int, reply: Reply) -> None:
        self.reply = reply

    def not_taken(self, _key: int, reason: str) -> None:
        self.reason = reason


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
