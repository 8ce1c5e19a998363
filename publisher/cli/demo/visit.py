"""Fetches pages from the newsroom's own web server on this machine."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from publisher.errors import UnavailableError

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """What the server answered."""

    status: int
    body: bytes


def visit(url: str) -> Page:
    """GET an address of this machine.

    HTTP/1.0 (RFC 1945), so that the body ends with the connection. Raises UnavailableError where
    nobody answers.
    """
    parts = urlsplit(url)
    request = f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n"
    where = parts.hostname or "", parts.port or 80
    try:
        with socket.create_connection(where, timeout=PATIENCE_S) as line:
            line.sendall(request.encode())
            answer = b"".join(iter(lambda: line.recv(65536), b""))
    except OSError as error:
        raise UnavailableError(f"{url} does not answer: {error}") from None
    head, _, body = answer.partition(b"\r\n\r\n")
    return Page(int(head.split(b" ", 2)[1]), body)
