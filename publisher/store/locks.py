"""Locks that last until the transaction ends."""

import zlib

import sqlalchemy as sa
from sqlmodel import Session


def lock_name(session: Session, name: str) -> None:
    """Wait until no other transaction holds `name`.

    On SQLite every writing transaction already holds the one lock there is.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(zlib.crc32(name.encode()))))
