"""The two stacks that every journey is made on, and a newsroom on either."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
import redis

from tests.services.copies import Copies
from tests.services.runtimes import point_queue_at
from tests.services.smtp import SmtpServer
from tests.stories.live import LiveNewsroom, Stack

EMBEDDED, SERVERS = "SQLite and a folder", "PostgreSQL and Redis"
OpenStack = Callable[..., AbstractContextManager[Stack]]


@pytest.fixture(scope="session")
def open_stack(request: pytest.FixtureRequest) -> OpenStack:
    """Make a stack of either kind ready for a newsroom with this home, with a broker of yours."""

    @contextmanager
    def opened(kind: str, home: Path, broker: str = "") -> Iterator[Stack]:
        home.mkdir()
        if kind == EMBEDDED:
            shutil.copy(request.getfixturevalue("migrated_sqlite"), home / "publisher.db")
            yield Stack()
            return
        copies: Copies = request.getfixturevalue("copies")
        with copies.lent() as address:
            yield Stack(address, broker or _empty_redis(request))

    return opened


def _empty_redis(request: pytest.FixtureRequest) -> str:
    address = str(request.getfixturevalue("redis_addresses")())
    with redis.Redis.from_url(address) as client:
        client.flushdb()
    return address


@pytest.fixture(params=[EMBEDDED, SERVERS])
def newsroom(
    request: pytest.FixtureRequest,
    open_stack: OpenStack,
    tmp_path: Path,
    smtp_server: SmtpServer,
) -> Iterator[LiveNewsroom]:
    """A newsroom of this test's own; nothing of it runs yet."""
    with ExitStack() as until_the_end:
        home = tmp_path / "home"
        stack = until_the_end.enter_context(open_stack(request.param, home))
        newsroom = LiveNewsroom(home, stack, smtp_server)
        until_the_end.callback(newsroom.abandon)
        point_queue_at(newsroom.runtime.settings)
        yield newsroom
