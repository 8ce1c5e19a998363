"""Databases for benchmarks, which can be copied: every round starts from the very same state."""

import itertools
import shutil
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url


class Databases(Protocol):
    """Makes databases of one kind."""

    def fresh(self, template: str | None = None) -> str:
        """The address of a new database: empty, or a copy of the one at `template`."""

    def drop(self, address: str) -> None:
        """Give the space back."""


class SqliteFiles:
    """Each database is a file in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def fresh(self, template: str | None = None) -> str:
        """The address of a new file, or of a copy of one that nobody has open."""
        made = self._folder / f"bench-{next(self._numbers)}.db"
        if template:
            shutil.copyfile(_file_of(template), made)
        return f"sqlite:///{made}"

    def drop(self, address: str) -> None:
        """Remove the file and what lies beside it."""
        path = _file_of(address)
        for leftover in path.parent.glob(f"{path.name}*"):
            leftover.unlink()


class PostgresqlServer:
    """Each database is one of a server; a copy is made by the server itself."""

    def __init__(self, server: URL) -> None:
        self._server = server.set(drivername="postgresql+psycopg")
        self._numbers = itertools.count(1)

    def fresh(self, template: str | None = None) -> str:
        """The address of a new database, or of a copy of one that nobody is connected to."""
        name = f"publisher_bench_{next(self._numbers)}"
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        source = make_url(template).database if template else "template0"
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, source or "")
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, address: str) -> None:
        """Drop the database, whoever is connected."""
        self._run("DROP DATABASE {} WITH (FORCE)", make_url(address).database or "")

    def _run(self, statement: str, *names: str) -> None:
        address = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _file_of(address: str) -> Path:
    return Path(make_url(address).database or "")
