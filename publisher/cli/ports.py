"""Ports of this host: which are free."""

import socket
from urllib.parse import urlsplit

from publisher.errors import UnavailableError

HIGHEST = 65_535
FAR_ENOUGH = 200


def next_free(host: str, port: int) -> int:
    """The first free port from `port` on; raises UnavailableError where none is near."""
    for candidate in range(port, min(port + FAR_ENOUGH, HIGHEST + 1)):
        if is_free(host, candidate):
            return candidate
    raise UnavailableError(f"No port from {port} on is free on {host}; free one of them.")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def port_of(base_url: str) -> int:
    """The port that an address speaks of."""
    parts = urlsplit(base_url)
    return parts.port or (443 if parts.scheme == "https" else 80)
