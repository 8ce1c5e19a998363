"""Tests talk to this machine only: a connection to anywhere else fails the test, loudly."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest

from tests.services.environment import given


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Refuse names and addresses beyond loopback, but for servers that the run was given."""
    allowed = _given_hosts()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded_connect(name, allowed))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(allowed))
        yield


def _guarded_connect(name: str, allowed: frozenset[str]) -> Any:
    connect = getattr(socket.socket, name)

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and _outside(address[0], allowed):
            self.close()
            _refuse(address[0])
        return connect(self, address)

    return guarded


def _guarded_lookup(allowed: frozenset[str]) -> Any:
    lookup = socket.getaddrinfo

    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not _is_address(name) and _outside(name, allowed):
            _refuse(name)
        return lookup(host, *args, **kwargs)

    return guarded


def _outside(host: str, allowed: frozenset[str]) -> bool:
    if host in {"localhost", ""} or host in allowed:
        return False
    return not (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _refuse(host: str) -> NoReturn:
    pytest.fail(f"A test reached out to {host}. Tests talk to loopback only: start a server there.")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _given_hosts() -> frozenset[str]:
    """Hosts of the servers named for this run, and all addresses they stand for."""
    named = (given("TEST_DATABASE_URL"), given("TEST_REDIS_URL"))
    hosts = {urlsplit(address).hostname for address in named if address} - {None}
    found = {str(row[4][0]) for host in hosts for row in socket.getaddrinfo(host, None)}
    return frozenset(host for host in hosts | found if host)
