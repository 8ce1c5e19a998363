"""A real HTTP server on loopback that answers as told: a hub, a subscriber, or a bad neighbour."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came; header names are small."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form that was posted."""
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def query(self) -> dict[str, str]:
        """The fields of the address."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `pieces` are sent one after the other with `pause_s` before each.

    `raw` sends the pieces as they are, with no head before them.
    """

    status: int = 204
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = ()
    pause_s: float = 0.0
    raw: bool = False


class Listener:
    """What came to the server so far; `reply` says what to answer and may be exchanged."""

    def __init__(self, reply: Callable[[Seen], Reply]) -> None:
        self.reply = reply
        self.seen: list[Seen] = []
        self.connections = 0
        self.closing = threading.Event()
        self.port = 0
        self.scheme = "http"

    @property
    def url(self) -> str:
        """Its address, without a slash."""
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextmanager
def listening(
    reply: Callable[[Seen], Reply] = lambda _: Reply(), *, tls: SSLContext | None = None
) -> Iterator[Listener]:
    """Listen on a free port of loopback as long as the block runs."""
    listener = Listener(reply)
    server = _Server(("127.0.0.1", 0), _handler(listener))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        listener.scheme = "https"
    listener.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"listener": listener})


class _Handler(BaseHTTPRequestHandler):
    listener: Listener
    protocol_version = "HTTP/1.1"
    timeout = 30

    def setup(self) -> None:
        super().setup()
        self.listener.connections += 1

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(length))
        self.listener.seen.append(seen)
        self._send(self.listener.reply(seen))

    do_POST = do_GET  # noqa: N815 - as the library calls it

    def _send(self, reply: Reply) -> None:
        if reply.raw:
            self.close_connection = True
        else:
            self._send_head(reply)
        self.wfile.write(reply.body)
        for piece in reply.pieces:
            self.listener.closing.wait(reply.pause_s)
            self.wfile.write(piece)

    def _send_head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        if reply.status != HTTPStatus.NO_CONTENT:
            length = len(reply.body) + sum(map(len, reply.pieces))
            self.send_header("Content-Length", str(length))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
