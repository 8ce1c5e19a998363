"""A connection to an address that was checked, whatever its host's name means by now."""

import contextlib
import socket
import ssl
from functools import cache

from urllib3.connection import HTTPConnection, HTTPSConnection

from publisher.fetch.urls import Target


class Pinned(HTTPConnection):
    """Connects to `addresses`, one after the other, and to nothing else.

    Name, certificate and `Host` stay those of the host. `cut` ends it from another thread.
    """

    addresses: tuple[str, ...] = ()
    _wire: socket.socket | None = None

    def cut(self) -> None:
        """End the conversation, wherever it is; whoever waits for it then fails at once."""
        wire = self._wire
        if wire is not None:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Close it, and what `cut` holds of it.

        `close` alone is what the library does as soon as an answer begins that ends it.
        """
        self.close()
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _new_conn(self) -> socket.socket:
        sock = _connected(self.addresses, self.port, self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wire = sock.dup()  # TLS takes the other one over
        return sock


class PinnedTls(Pinned, HTTPSConnection):
    """The same over TLS, with the certificate checked against the host's name."""


def pinned(target: Target, addresses: tuple[str, ...], seconds: float) -> Pinned:
    """A connection to make; each step of it may take `seconds`."""
    made: Pinned
    if target.scheme == "https":
        made = PinnedTls(target.host, target.port, timeout=seconds, ssl_context=_tls())
    else:
        made = Pinned(target.host, target.port, timeout=seconds)
    made.addresses = addresses
    return made


def _connected(addresses: tuple[str, ...], port: int, seconds: object) -> socket.socket:
    """To the first that takes a connection; each gets its part of the time."""
    share = float(str(seconds)) / len(addresses)
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection((address, port), timeout=share)
    return socket.create_connection((addresses[-1], port), timeout=share)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
