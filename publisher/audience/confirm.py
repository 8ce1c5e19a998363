"""The reader's yes: what waits for it, and what it makes active."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from publisher.accounts.actor import Actor, record
from publisher.audience.models import (
    NewsletterRow,
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
    SubscriptionState,
)
from publisher.audience.subscribers import is_closed, subscriptions_of
from publisher.errors import NotFoundError, RefusedError


@dataclass(frozen=True, slots=True)
class Pending:
    """A subscription that waits for its reader's yes, and what it is to."""

    subscription: SubscriptionRow
    newsletter: NewsletterRow


def pending_of(session: Session, subscriber_uuid: str) -> list[Pending]:
    """What waits for this subscriber's yes; empty once all is confirmed or ended.

    Raises NotFoundError where the person was erased.
    """
    subscriber = _subscriber(session, subscriber_uuid)
    waiting = subscriptions_of(session, subscriber, state=SubscriptionState.PENDING)
    return [Pending(row, _newsletter(session, row)) for row in waiting]


def confirm(
    session: Session,
    subscriber_uuid: str,
    subscriptions: Collection[str],
    *,
    ip: str,
    by: Actor,
    now: datetime,
) -> list[NewsletterRow]:
    """Make pending subscriptions active; returns the newsletters of those that were pending.

    `subscriptions` are the uuids that the reader saw on the page: what somebody asked for in
    the meantime is not confirmed along with them. Doing it twice is harmless.
    """
    subscriber = _subscriber(session, subscriber_uuid, lock=True)
    if is_closed(session, subscriber.address_key):
        raise RefusedError("This address asked us never to write to it, so nothing was changed.")
    confirmed = []
    for pending in pending_of(session, subscriber_uuid):
        if pending.subscription.uuid not in subscriptions:
            continue
        proof = {"confirmed_at": now.isoformat(), "confirmed_ip": ip[:45]}
        activate(pending.subscription, proof, now)
        note_change(session, "subscription.confirm", pending.subscription, by=by, now=now)
        confirmed.append(pending.newsletter)
    if confirmed:
        subscriber.state = SubscriberState.CONFIRMED
        subscriber.confirmed_at = now
    return confirmed


def activate(row: SubscriptionRow, proof: dict[str, Any], now: datetime) -> None:
    """Begin a subscription now, with the yes: a first digest looks back from here."""
    row.state = SubscriptionState.ACTIVE
    row.subscribed_at = row.confirmed_at = now
    row.consent = {**row.consent, **proof}


def note_change(
    session: Session, action: str, row: SubscriptionRow, *, by: Actor, now: datetime
) -> None:
    """Write the audit row of a change, with what the reader now gets."""
    detail = {"cadence": row.cadence.value, "sections": row.sections}
    record(session, by, action, "subscription", row.uuid, at=now, **detail)


def _subscriber(session: Session, uuid: str, *, lock: bool = False) -> SubscriberRow:
    statement = select(SubscriberRow).where(
        SubscriberRow.uuid == uuid, SubscriberRow.state != SubscriberState.ERASED
    )
    row = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFoundError("subscriber", uuid)
    return row


def _newsletter(session: Session, row: SubscriptionRow) -> NewsletterRow:
    newsletter = session.get(NewsletterRow, row.newsletter_id)
    if newsletter is None:
        raise NotFoundError("newsletter", row.newsletter_id)
    return newsletter
