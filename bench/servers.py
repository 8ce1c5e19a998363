"""The two ways to run Publisher, each with its servers: embedded, and as in production."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from bench.databases import PostgresqlServer, SqliteFiles
from bench.houses import SQLITE, Estate, plain_address
from tests.services.environment import given
from tests.services.postgres import address_of, start_server
from tests.services.redis import start_redis


@contextmanager
def estate(kind: str) -> Iterator[Estate]:
    """SQLite with the embedded broker; or PostgreSQL, which waits for the disk, with Redis.

    The servers are those that TEST_DATABASE_URL and TEST_REDIS_URL name, or started here.
    """
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="publisher-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        if kind == SQLITE:
            yield Estate(kind, folder, SqliteFiles(folder))
            return
        address, pid = _postgresql(stack)
        broker = given("TEST_REDIS_URL") or _redis(stack)
        server = make_url(address)
        yield Estate(kind, folder, PostgresqlServer(server), broker, pid, _version(server))


def _postgresql(stack: ExitStack) -> tuple[str, int | None]:
    known = given("TEST_DATABASE_URL")
    if known:
        return known, None
    server = start_server(durable=True)
    stack.callback(server.stop)
    return address_of(server.folder).render_as_string(hide_password=False), server.process.pid


def _redis(stack: ExitStack) -> str:
    server, address = start_redis()
    stack.callback(server.stop)
    return f"{address}/0"


def _version(server: URL) -> str:
    with psycopg.connect(plain_address(server)) as connection:
        number = connection.info.server_version
    return f"PostgreSQL {number // 10_000}.{number % 10_000}"
