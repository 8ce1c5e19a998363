"""Subscriptions of our hub: entered, ended, marked when a document changes, kept in order."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from publisher.feeds.websub.documents import changed_at_of
from publisher.feeds.websub.intents import VERIFY, WINDOW, is_due
from publisher.feeds.websub.models import (
    HubIntentRow,
    HubSubscriptionRow,
    IntentState,
    PushState,
)
from publisher.queue import wake
from publisher.settings import Settings
from publisher.store.locks import lock_name

PUSH = "publisher.websub.push"
LOCK = "subscriptions of our hub"  # whoever writes several of them at once holds it


def enter(session: Session, site: Settings, intent: HubIntentRow, now: datetime) -> None:
    """Begin a subscription, or renew it with the secret and lease that were asked for now.

    What is up at the moment is not brought: who subscribes has just fetched it.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    renewed = {"secret": intent.secret, "lease_until": now + timedelta(seconds=intent.lease_s)}
    statement = insert(HubSubscriptionRow).values(
        callback=intent.callback,
        host=intent.host,
        slug=intent.slug,
        fmt=intent.fmt,
        changed_at=changed_at_of(site, intent.slug, intent.fmt) or now,
        wanted_at=now,
        state=PushState.IDLE,
        next_at=now,
        failures=0,
        **renewed,
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["callback", "slug", "fmt"], set_=renewed)
    )


def leave(session: Session, *which: sa.ColumnElement[bool]) -> None:
    """End subscriptions; nothing is brought to them any more."""
    session.execute(sa.delete(HubSubscriptionRow).where(*which))


def mark(session: Session, slug: str, fmt: str, changed_at: datetime, now: datetime) -> None:
    """Have a document that is up brought to all who subscribed to it and have another one.

    A callback that fails keeps its pause; what waits is replaced.
    """
    lock_name(session, LOCK)
    is_failing = sa.and_(
        col(HubSubscriptionRow.state) == PushState.WAITING, col(HubSubscriptionRow.failures) > 0
    )
    session.connection().execute(
        sa.update(HubSubscriptionRow)
        .where(
            col(HubSubscriptionRow.slug) == slug,
            col(HubSubscriptionRow.fmt) == fmt,
            col(HubSubscriptionRow.changed_at) != changed_at,
        )
        .values(
            changed_at=changed_at,
            wanted_at=now,
            state=PushState.WAITING,
            next_at=sa.case((is_failing, col(HubSubscriptionRow.next_at)), else_=now),
        )
    )


def bring_waiting(session: Session, slug: str, now: datetime) -> None:
    """Wake what waits for the feed, also what waited only until it was built once more.

    A build that changes nothing marks nobody, and nothing was brought while it was to come.
    """
    waiting = select(HubSubscriptionRow.id).where(
        col(HubSubscriptionRow.slug) == slug, *is_waiting(now)
    )
    if session.exec(waiting.limit(1)).first():
        wake(session, PUSH)


def tend(session: Session, site: Settings, now: datetime) -> None:
    """End what has run out, forget old requests, and wake what is due."""
    lock_name(session, LOCK)
    leave(session, col(HubSubscriptionRow.lease_until) <= now)
    session.execute(
        sa.delete(HubIntentRow).where(
            col(HubIntentRow.asked_at) <= now - WINDOW,
            col(HubIntentRow.state) != IntentState.ASKED,
        )
    )
    asked = select(HubIntentRow.id).where(*is_due(site, now))
    if session.exec(asked.limit(1)).first():
        wake(session, VERIFY)
    if site.own_hub is None:
        return
    waiting = select(HubSubscriptionRow.id).where(*is_waiting(now))
    if session.exec(waiting.limit(1)).first():
        wake(session, PUSH)


def is_waiting(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of subscriptions that a document is to be brought to now."""
    claimed = col(HubSubscriptionRow.claimed_until)
    return (
        col(HubSubscriptionRow.state) == PushState.WAITING,
        col(HubSubscriptionRow.next_at) <= now,
        col(HubSubscriptionRow.lease_until) > now,
        sa.or_(claimed.is_(None), claimed <= now),
    )
