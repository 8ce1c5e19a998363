"""What is still to be written to a socket that does not wait, counted byte by byte."""

import socket
import ssl
from collections import deque

WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

_TLS_RECORD = 16 * 1024


class Outbox:
    """`queued` and `written` count all bytes ever; what lies between them has not gone out."""

    def __init__(self) -> None:
        self.queued = 0
        self.written = 0
        self._pieces: deque[bytes | memoryview] = deque()

    @property
    def waits(self) -> bool:
        """Whether something has not gone out."""
        return bool(self._pieces)

    def put(self, piece: bytes) -> None:
        """Behind all that waits already."""
        self._pieces.append(piece)
        self.queued += len(piece)

    def flush(self, sock: socket.socket) -> None:
        """Write until all is out or the socket would wait; raises OSError where it is broken."""
        try:
            while self._pieces:
                self._gone(self._write(sock))
        except WOULD_BLOCK:
            return

    def _write(self, sock: socket.socket) -> int:
        if isinstance(sock, ssl.SSLSocket):
            # One record a call: a call that fails has written nothing that the server can read.
            return sock.send(memoryview(self._pieces[0])[:_TLS_RECORD])
        return sock.sendmsg(self._pieces)

    def _gone(self, count: int) -> None:
        self.written += count
        while self._pieces and count >= len(self._pieces[0]):
            count -= len(self._pieces.popleft())
        if count:
            self._pieces[0] = memoryview(self._pieces[0])[count:]
