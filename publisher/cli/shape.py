"""Whether a database has the newest shape."""

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import Session

from publisher.store.upgrade import alembic_config


def at_head(session: Session) -> bool:
    """Whether every migration was run."""
    return shape_of(session) == head()


def shape_of(session: Session) -> str | None:
    """The revision that the database is at; None where it is empty."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def head() -> str | None:
    """The newest revision that this version of Publisher knows."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head()


def server_of(session: Session) -> str:
    """Name and version of the database, for people."""
    connection = session.connection()
    question = "sqlite_version()" if connection.dialect.name == "sqlite" else "version()"
    said = str(connection.execute(sa.text(f"SELECT {question}")).scalar_one())
    return f"SQLite {said}" if connection.dialect.name == "sqlite" else said.partition(" on ")[0]
