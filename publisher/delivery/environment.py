"""Where a store may send from, so that a copy of it never mails the same readers again.

The first process that sends writes down which database holds the rows: on PostgreSQL the cluster's
system identifier and the database's oid, on SQLite the file's inode, which a file keeps when it is
moved and a copy does not have. A restored dump, a cloned server and a copied file are elsewhere by
that, and so is another `base_url`, unless it was one of a laptop. Nothing is sent then until
somebody confirms it.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.accounts.actor import Actor, record
from publisher.delivery.models import EnvironmentRow
from publisher.settings import Settings
from publisher.store.columns import new_uuid
from publisher.store.locks import lock_name

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FINGERPRINT = "fingerprint"
_CONTROL = "pg_catalog.pg_control_system()"
_WRITTEN = sa.select(col(EnvironmentRow.fingerprint), col(EnvironmentRow.base_url))


class _Place(NamedTuple):
    fingerprint: str
    base_url: str


def why_not_here(session: Session, settings: Settings) -> str:
    """Why nothing may be sent from here, in words; empty where it may."""
    place = _place(session)
    return "" if place is None else _difference(place, fingerprint(session), settings.base_url)


def settle_here(session: Session, settings: Settings, now: datetime) -> str:
    """The same before something is sent; a store that never sent may from now on, from here."""
    place = _place(session)
    if place is None:
        lock_name(session, "environment")
        place = _place(session)
    if place is None:
        session.add(_here(session, settings, now))
        session.flush()
        return ""
    why = _difference(place, _kept_fingerprint(session), settings.base_url)
    if not why and _is_laptop(place.base_url) and place.base_url != settings.base_url:
        session.execute(sa.update(EnvironmentRow).values(base_url=settings.base_url))
    return why


def confirm_here(session: Session, settings: Settings, *, by: Actor, now: datetime) -> str:
    """Let this place send, whatever the store was before; the place's new id."""
    lock_name(session, "environment")
    row = session.merge(_here(session, settings, now))
    record(
        session,
        by,
        "environment.confirm",
        "environment",
        row.uuid,
        at=now,
        fingerprint=row.fingerprint,
        base_url=row.base_url,
    )
    return row.uuid


def fingerprint(session: Session) -> str:
    """What tells this database from a copy of it."""
    if session.get_bind().dialect.name == "postgresql":
        return _of_postgresql(session)
    return _of_sqlite(session)


def _place(session: Session) -> _Place | None:
    """What was written down; asked before every batch."""
    row = session.connection().execute(_WRITTEN).first()
    return None if row is None else _Place(*row)


def _kept_fingerprint(session: Session) -> str:
    """Asked once for each connection: while one lasts, the same database is behind it."""
    kept = session.connection().info
    if _FINGERPRINT not in kept:
        kept[_FINGERPRINT] = fingerprint(session)
    return str(kept[_FINGERPRINT])


def _of_postgresql(session: Session) -> str:
    """Cluster and oid; where the role may not ask for the cluster, oid and name must do."""
    mine = sa.text(
        "SELECT oid, datname, has_function_privilege(:control, 'execute') FROM pg_database "
        "WHERE datname = current_database()"
    )
    oid, name, may_ask = session.execute(mine, {"control": _CONTROL}).one()
    if not may_ask:
        return f"postgresql {name} {oid}"
    asked = sa.text("SELECT system_identifier FROM pg_control_system()")
    return f"postgresql {session.execute(asked).scalar_one()} {oid}"


def _of_sqlite(session: Session) -> str:
    files = session.execute(sa.text("PRAGMA database_list")).all()
    path = next((file for _, name, file in files if name == "main" and file), "")
    if not path:
        return "sqlite in memory"
    return f"sqlite {Path(path).stat().st_ino} {path}"[:200]


def _difference(place: _Place, here: str, base_url: str) -> str:
    moved = _key(place.fingerprint) != _key(here)
    renamed = not _is_laptop(place.base_url) and place.base_url != base_url
    if not moved and not renamed:
        return ""
    found = (
        f"Its database was {place.fingerprint} and is {here} now"
        if moved
        else f"It was sending as {place.base_url} and is {base_url} now"
    )
    return (
        f"Sending is locked: this store looks like a copy or a restored back-up. {found}. Its "
        "readers may have had these mails from elsewhere. If it shall send from here, and nothing "
        "else with the same readers does, run: publisher environment confirm"
    )


def _key(fingerprint: str) -> str:
    """What must be the same: of a file, its path may change."""
    kind, first, *rest = fingerprint.split(" ")
    return f"{kind} {first}" if kind == "sqlite" else " ".join((kind, first, *rest))


def _is_laptop(base_url: str) -> bool:
    """Addresses of this machine alone: their ports change from start to start."""
    return urlsplit(base_url).hostname in LOOPBACK


def _here(session: Session, settings: Settings, now: datetime) -> EnvironmentRow:
    return EnvironmentRow(
        id=1,
        uuid=new_uuid(now),
        base_url=settings.base_url,
        fingerprint=fingerprint(session),
        confirmed_at=now,
    )
