"""A runtime for a test: a migrated store on each database, a queue of its own, a clock to move."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher import queue
from publisher.migrations.models import metadata
from publisher.settings import Settings, load_settings
from publisher.store import Runtime, open_runtime
from publisher.store.upgrade import upgrade
from tests.services.copies import Copies
from tests.services.postgres import Databases

SECRET_KEY = "a key for tests, the same in all of them"


class Clock:
    """Stands still until a test moves it; starts on a plain Tuesday, before any clock change."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        """Move on by `span`, named as for timedelta; gives the new time."""
        self.now += timedelta(**span)
        return self.now

    def pause(self, seconds: float) -> None:
        """What a runtime does that sits still: here nobody waits for it."""
        self.advance(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """The clock of this test's runtime: set `.now`, or `.advance(hours=1)`."""
    return Clock()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest shape, to be copied."""
    home = tmp_path_factory.mktemp("migrated")
    upgrade(load_settings(home=home, secret_key=SECRET_KEY))
    return home / "publisher.db"


@pytest.fixture(scope="session")
def migrated_postgres(
    postgres: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a PostgreSQL database at the newest shape, to be used as a template."""
    home = tmp_path_factory.mktemp("migrated")
    with postgres.fresh() as address:
        upgrade(load_settings(home=home, secret_key=SECRET_KEY, database_url=address))
        yield address.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def copies(postgres: Databases, migrated_postgres: str) -> Iterator[Copies]:
    """PostgreSQL databases at the newest shape, to be lent."""
    tables = [table.name for table in reversed(metadata.sorted_tables)]
    copies = Copies(postgres, migrated_postgres, tables)
    yield copies
    copies.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own at the newest shape; the test runs once on each kind."""
    if request.param == "postgresql":
        copies: Copies = request.getfixturevalue("copies")
        with copies.lent() as address:
            yield address
        return
    copy = tmp_path / "publisher.db"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), copy)
    yield f"sqlite:///{copy}"


@pytest.fixture
def settings(migrated_url: str, tmp_path: Path) -> Settings:
    """The settings of this test's runtime: the embedded default with a home of its own."""
    return load_settings(
        home=tmp_path / "home",
        secret_key=SECRET_KEY,
        database_url=migrated_url,
        site_name="The Harbour Record",
        postal_address="The Harbour Record, 1 Quay Street, Port Ellery",
    )


@pytest.fixture
def runtime(settings: Settings, clock: Clock) -> Iterator[Runtime]:
    """A runtime as a door makes it; what it wakes lies in the queue folder of its home."""
    opened = open_runtime(settings, clock, clock.pause)
    point_queue_at(opened.settings)
    yield opened
    opened.sessions.close()


def point_queue_at(settings: Settings) -> None:
    """Have hints go to a broker of the test."""
    forget_broker()
    queue.configure(settings)


def forget_broker() -> None:
    """Celery keeps its first connection for all its life; here it lets go, as in a forked process.

    A new `amqp` would do, too, but the old ones would listen to every configuration to come.
    """
    queue.app.close()
    queue.app._after_fork()  # noqa: SLF001 - there is no other way
