"""A hub and a subscriber on loopback: they take everything and note when it came."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Hub:
    """`told` has the path of each document and the monotonic moment of its newest ping."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}
        self.port = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/"


class Subscriber:
    """`asked` has the callbacks (paths) that a hub asked back; `brought` what came, when and where.

    The moments are monotonic ones.
    """

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.brought: list[tuple[float, str, str]] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Its address, without a slash."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def listening_hub() -> Iterator[Hub]:
    """Listen on a free port as long as the block runs."""
    hub = Hub()

    class Handler(_Handler):
        def do_POST(self) -> None:
            form = parse_qs(self.body().decode())
            hub.told[urlsplit(form["hub.topic"][0]).path] = time.monotonic()
            self.say(204)

    with _serving(Handler) as hub.port:
        yield hub


@contextmanager
def listening_subscriber() -> Iterator[Subscriber]:
    """Listen on a free port as long as the block runs; it means it when it is asked back."""
    subscriber = Subscriber()

    class Handler(_Handler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self.say(200, parse_qs(parts.query)["hub.challenge"][0].encode())
            subscriber.asked.add(parts.path)

        def do_POST(self) -> None:
            body = self.body().decode()
            subscriber.brought.append((time.monotonic(), self.path, body))
            self.say(204)

    with _serving(Handler) as subscriber.port:
        yield subscriber


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def say(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as there
        """Say nothing."""


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
