"""Engines for SQLite and PostgreSQL, set up the same way everywhere."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import SQLModel

from publisher.errors import ConfigurationError

if TYPE_CHECKING:
    import sqlite3  # SQLAlchemy imports it where SQLite is the database

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# libpq's: a server that vanished is given up after so many seconds, and milliseconds
_NOTICE_SOON = {"connect_timeout": 10, "tcp_user_timeout": 30_000}
SQLModel.metadata.naming_convention = NAMING


def make_engine(url: str) -> Engine:
    """An engine on `url`; raises ConfigurationError for other databases than the two we know.

    Its errors leave out the values of statements: readers' addresses do not belong in logs.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError("PUBLISHER_DATABASE_URL", f"“{url}” is not an address") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=10,
            hide_parameters=True,
            connect_args=_NOTICE_SOON,
        )
    raise ConfigurationError(
        "PUBLISHER_DATABASE_URL", "must begin with postgresql:// or sqlite:///"
    )


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: "sqlite3.Connection", _record: Any) -> None:
    """WAL lets readers go on while one writes; a writer waits for its turn instead of failing.

    Temporary tables are files: in memory, enlisting a million readers took 400 MB of its worker.
    """
    connection.isolation_level = None  # we say BEGIN ourselves: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout = 15000",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "temp_store = FILE",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_aggregate("bit_or", 1, _BitOr)


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that will write takes the lock at its start, so it cannot fail half-way."""
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _BitOr:
    """PostgreSQL's bit_or, which SQLite lacks."""

    def __init__(self) -> None:
        self.bits = 0

    def step(self, value: int | None) -> None:
        self.bits |= value or 0

    def finalize(self) -> int:
        return self.bits
