"""Transactions: one that writes, one that only reads."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlmodel import Session


class Sessions:
    """Opens sessions on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._readers = engine.execution_options(writes=False)
        self._still = self._readers
        if self.is_postgresql():
            self._still = self._readers.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that commits at the end, or rolls back when anything is raised."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only; nothing written in it is kept."""
        with Session(self._readers, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """As `read`, but all at one moment: what others commit meanwhile does not show in it."""
        with Session(self._still, expire_on_commit=False) as session:
            yield session

    def is_postgresql(self) -> bool:
        """Whether the store is PostgreSQL; SQLite otherwise."""
        return self.engine.dialect.name == "postgresql"

    def after_fork(self) -> None:
        """Forget connections that belong to the parent process."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """End all connections; the next use opens new ones."""
        self.engine.dispose()
