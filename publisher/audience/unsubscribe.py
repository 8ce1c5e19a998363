"""Leaving: one act ends a subscription at once."""

from datetime import datetime

from sqlmodel import Session, select

from publisher.accounts.actor import Actor, record
from publisher.audience.models import NewsletterRow, SubscriptionRow, SubscriptionState
from publisher.errors import NotFoundError


def unsubscribe(
    session: Session,
    subscription_uuid: str,
    *,
    by: Actor,
    now: datetime,
    reason: str = "unsubscribed",
) -> NewsletterRow:
    """End a subscription, pending or active; nothing else changes. Doing it twice is harmless.

    Returns what was left. Raises NotFoundError where there never was such a subscription.
    """
    row, newsletter = subscription_to(session, subscription_uuid, lock=True)
    if row.state != SubscriptionState.ENDED:
        row.state = SubscriptionState.ENDED
        row.ended_at = now
        row.ended_reason = reason[:32]
        record(session, by, "subscription.end", "subscription", row.uuid, at=now, reason=reason)
    return newsletter


def subscription_to(
    session: Session, subscription_uuid: str, *, lock: bool = False
) -> tuple[SubscriptionRow, NewsletterRow]:
    """A subscription and what it is to; raises NotFoundError."""
    statement = select(SubscriptionRow).where(SubscriptionRow.uuid == subscription_uuid)
    row = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    newsletter = session.get(NewsletterRow, row.newsletter_id) if row else None
    if row is None or newsletter is None:
        raise NotFoundError("subscription", subscription_uuid)
    return row, newsletter
