"""Ends subscriptions of our hub from our side, and has their callbacks told (WebSub §5.2)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.accounts.actor import Actor, record
from publisher.errors import InvalidInputError
from publisher.feeds.websub.intents import VERIFY
from publisher.feeds.websub.models import (
    HubIntentRow,
    HubSubscriptionRow,
    IntentMode,
    IntentState,
)
from publisher.feeds.websub.subscriptions import LOCK
from publisher.newsroom.characters import one_line
from publisher.queue import wake
from publisher.store.locks import lock_name

REASON_LIMIT = 200


def end_subscriptions(
    session: Session, host: str | None, reason: str, *, by: Actor, now: datetime
) -> int:
    """End those of a host, or all where it is None; returns how many callbacks will be told.

    What was accepted and is still to be verified is denied, too. Raises InvalidInputError where
    the reason, which is handed on, cannot be.
    """
    said = one_line(reason)
    if not said or len(said) > REASON_LIMIT:
        raise InvalidInputError(
            f"Say why in 1 to {REASON_LIMIT} characters: those who subscribed are told."
        )
    lock_name(session, LOCK)
    count = _deny_asked(session, host, said, now) + _deny_held(session, host, said, now)
    if count:
        detail = {"host": host or "", "reason": said, "count": count}
        record(session, by, "hub.deny", "hub", "websub", at=now, **detail)
        wake(session, VERIFY)
    return count


def _deny_asked(session: Session, host: str | None, reason: str, now: datetime) -> int:
    """A question that is on its way finds its claim gone: whatever the answer, it is denied."""
    which: list[sa.ColumnElement[bool]] = [
        col(HubIntentRow.mode) == IntentMode.SUBSCRIBE,
        col(HubIntentRow.state) == IntentState.ASKED,
    ]
    if host is not None:
        which.append(col(HubIntentRow.host) == host)
    denied: dict[str, Any] = {"mode": IntentMode.DENIED, "reason": reason, "tries": 0}
    marked = session.connection().execute(
        sa.update(HubIntentRow).where(*which).values(next_at=now, secret=None, **denied)
    )
    return int(marked.rowcount)


def _deny_held(session: Session, host: str | None, reason: str, now: datetime) -> int:
    which = sa.true() if host is None else col(HubSubscriptionRow.host) == host
    names = ("callback", "host", "slug", "fmt")
    columns = [col(getattr(HubSubscriptionRow, name)) for name in names]
    ended = session.execute(sa.delete(HubSubscriptionRow).where(which).returning(*columns)).all()
    session.add_all(
        HubIntentRow(
            mode=IntentMode.DENIED,
            lease_s=0,
            reason=reason,
            asked_at=now,
            next_at=now,
            **dict(zip(names, one, strict=True)),
        )
        for one in ended
    )
    return len(ended)
