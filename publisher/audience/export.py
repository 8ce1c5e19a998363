"""Subscribers as rows of a table for a spreadsheet."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from publisher.audience.models import (
    NewsletterRow,
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
)

COLUMNS = (
    "address", "name", "language", "state", "newsletter", "cadence", "sections",
    "subscription", "subscribed_at", "confirmed_at", "ended_at", "ended_reason",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_rows(session: Session) -> Iterator[tuple[str, ...]]:
    """The head line, then one row for each subscription, oldest subscriber first.

    Times are UTC in ISO 8601. A value that a spreadsheet would run as a formula gets an
    apostrophe in front. People who were erased are not in it.
    """
    yield COLUMNS
    statement = (
        select(SubscriberRow, SubscriptionRow, NewsletterRow)
        .join(SubscriptionRow, col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
        .join(NewsletterRow, col(NewsletterRow.id) == col(SubscriptionRow.newsletter_id))
        .where(SubscriberRow.state != SubscriberState.ERASED)
        .order_by(col(SubscriberRow.id), col(NewsletterRow.id))
        .execution_options(yield_per=1000)
    )
    for subscriber, subscription, newsletter in session.exec(statement):
        yield tuple(cell(value) for value in _values(subscriber, subscription, newsletter))


def cell(value: str) -> str:
    """A value that no spreadsheet runs as a formula: an apostrophe goes in front of one."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _values(
    subscriber: SubscriberRow, subscription: SubscriptionRow, newsletter: NewsletterRow
) -> tuple[str, ...]:
    return (
        subscriber.address or "",
        subscriber.name,
        subscriber.language,
        subscriber.state.value,
        newsletter.slug,
        subscription.cadence.value,
        subscription.sections,
        subscription.state.value,
        _time(subscription.subscribed_at),
        _time(subscription.confirmed_at),
        _time(subscription.ended_at),
        subscription.ended_reason or "",
    )


def _time(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
