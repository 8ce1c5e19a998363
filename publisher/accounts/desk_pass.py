"""Entering the desk: a one-time link becomes a session."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.accounts.actor import Actor
from publisher.accounts.models import DeskPassRow
from publisher.errors import TokenInvalidError

LINK_LIFETIME = timedelta(hours=12)
SESSION_LIFETIME = timedelta(days=7)


def issue_link(session: Session, name: str, now: datetime) -> str:
    """The secret of a new one-time link for the editor `name`; valid for twelve hours."""
    return _issue(session, "link", name, now, LINK_LIFETIME)


def redeem_link(session: Session, secret: str, now: datetime) -> str:
    """Use up a one-time link; returns the secret of the new session.

    Raises TokenInvalidError where the link is unknown, used or too old. Two clicks at once open
    one session.
    """
    statement = (
        sa.update(DeskPassRow)
        .where(
            col(DeskPassRow.secret_hash) == _digest(secret),
            col(DeskPassRow.kind) == "link",
            col(DeskPassRow.used_at).is_(None),
            col(DeskPassRow.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(DeskPassRow.name))
    )
    name = session.execute(statement).scalar()
    if name is None:
        raise TokenInvalidError(
            "This link to the desk was used before or is too old. "
            "Make a new one with: publisher desk-link"
        )
    return _issue(session, "session", name, now, SESSION_LIFETIME)


def editor_of(session: Session, secret: str, now: datetime) -> Actor | None:
    """The editor whose session this is, or None."""
    row = session.get(DeskPassRow, _digest(secret))
    if row is None or row.kind != "session" or row.expires_at <= now:
        return None
    return Actor("editor", row.name)


def _issue(session: Session, kind: str, name: str, now: datetime, lifetime: timedelta) -> str:
    secret = secrets.token_urlsafe(32)
    session.add(
        DeskPassRow(
            secret_hash=_digest(secret),
            kind=kind,
            name=name,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    return secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
