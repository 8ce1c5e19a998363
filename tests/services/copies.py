"""Migrated PostgreSQL databases, lent to one test after another: making one takes far longer.

What a test gets is as a new copy: without rows, its numbers begin at 1. A copy that a test changed
in any other way, or that somebody is still connected to, is dropped.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg import sql
from psycopg.rows import scalar_row

from tests.services.postgres import Databases

_PATIENCE_S = 0.2
_MANY_ROWS = 5000  # as many that are deleted slow down whoever comes next

_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type ~ '^client'
"""
_SHAPE = """
    SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
        SELECT concat_ws(':', oid, relname, relfilenode, relchecks, relhastriggers) AS line
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT concat_ws(':', attrelid, attnum, attname, atttypid, attnotnull, atthasdef)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT concat_ws(':', oid, conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    ) AS shape
"""
_COUNTED = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE last_value IS NOT NULL"


class Copies:
    """Copies of the database `template`, whose tables stand in the order they may be emptied."""

    def __init__(self, databases: Databases, template: str, tables: list[str]) -> None:
        self._databases = databases
        self._template = template
        self._tables = tables
        self._shape: object = None
        self._idle: list[tuple[str, ExitStack]] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database that nobody else has."""
        address, drop = self._idle.pop() if self._idle else self._new()
        with drop:
            yield address
            if self._is_as_new(address):
                self._idle.append((address, drop.pop_all()))

    def drop(self) -> None:
        """Drop all that are not lent."""
        while self._idle:
            self._idle.pop()[1].close()

    def _new(self) -> tuple[str, ExitStack]:
        drop = ExitStack()
        address = drop.enter_context(self._databases.fresh(self._template))
        if self._shape is None:
            with _connected(address) as connection:
                assert not self._filled(connection), "a copy is given back without rows"
                self._shape = _one(connection, _SHAPE)
        return address, drop

    def _is_as_new(self, address: str) -> bool:
        """Empty a copy, unless something else than its rows was changed."""
        with _connected(address) as connection:
            if not _is_alone(connection) or _one(connection, _SHAPE) != self._shape:
                return False
            deleted = [
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table))).rowcount
                for table in self._filled(connection)
            ]
            for sequence in connection.execute(_COUNTED).fetchall():
                connection.execute("SELECT setval(%s, 1, false)", [sequence])
        return sum(deleted) < _MANY_ROWS

    def _filled(self, connection: psycopg.Connection[object]) -> list[str]:
        """Tables with rows."""
        asked = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        each = [asked.format(table, sql.Identifier(table)) for table in self._tables]
        filled = set(connection.execute(sql.SQL(" UNION ALL ").join(each)).fetchall())
        return [table for table in self._tables if table in filled]


def _connected(address: str) -> psycopg.Connection[object]:
    plain = address.replace("postgresql+psycopg:", "postgresql:")
    return psycopg.connect(plain, autocommit=True, row_factory=scalar_row)


def _is_alone(connection: psycopg.Connection[object]) -> bool:
    """Whether all others have left; who has just hung up is there for another moment."""
    limit = time.monotonic() + _PATIENCE_S
    while _one(connection, _OTHERS):
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True


def _one(connection: psycopg.Connection[object], question: str) -> object:
    return connection.execute(question).fetchone()
