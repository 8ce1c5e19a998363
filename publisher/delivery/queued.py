"""Those of a batch who are still to be mailed, and those among them who left meanwhile.

The statements are built once: a window is asked for every fifty messages a connection.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import (
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
    SubscriptionState,
    SuppressionRow,
)
from publisher.delivery.claim import Claim
from publisher.delivery.reader import Reader
from publisher.editions.give_up import given_up
from publisher.editions.models import DeliveryRow, DeliveryState


def next_readers(
    session: Session, claim: Claim, newsletter_id: int, limit: int, now: datetime
) -> list[Reader]:
    """The first so many of the batch who wait and may be mailed, in the order of their ids.

    Side effect: whoever left since the batch was enlisted is withdrawn, with the reason.
    """
    wanted = {**_named(claim), "newsletter_id": newsletter_id, "most": limit}
    connection = session.connection()
    while True:
        rows: Sequence[Sequence[Any]] = connection.execute(_READERS, wanted).all()
        if not any(row[-1] for row in rows):  # why they left
            return [Reader(*row[:-1]) for row in rows]
        connection.execute(_WITHDRAW, {**wanted, "now": now})


def withdraw_queued(session: Session, claim: Claim, reason: str, now: datetime) -> None:
    """Withdraw all of the batch who still wait."""
    statement = sa.update(DeliveryRow).where(_QUEUED).values(given_up(reason, now))
    session.connection().execute(statement, _named(claim))


def _named(claim: Claim) -> dict[str, int]:
    return {"edition": claim.edition_id, "batch": claim.no}


def _left() -> sa.Case[str | None]:
    """Why a reader who was enlisted must not be mailed any more; NULL where they may."""
    return sa.case(
        (col(SubscriberRow.state) == SubscriberState.ERASED, "erased"),
        (col(SuppressionRow.address_key).is_not(None), "suppressed"),
        (col(SubscriptionRow.id).is_(None), "unsubscribed"),
        else_=None,
    )


def _standing() -> sa.FromClause:
    """Subscribers, what suppresses them, and the subscription that they have running."""
    subscribed = sa.and_(
        col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id),
        col(SubscriptionRow.newsletter_id) == sa.bindparam("newsletter_id"),
        col(SubscriptionRow.state) == SubscriptionState.ACTIVE,
    )
    suppressed = col(SuppressionRow.address_key) == col(SubscriberRow.address_key)
    subscriber = sa.inspect(SubscriberRow).local_table
    return subscriber.outerjoin(SuppressionRow, suppressed).outerjoin(SubscriptionRow, subscribed)


_QUEUED = sa.and_(
    col(DeliveryRow.edition_id) == sa.bindparam("edition"),
    col(DeliveryRow.batch_no) == sa.bindparam("batch"),
    col(DeliveryRow.state) == DeliveryState.QUEUED,
)
_READERS = (
    sa.select(
        col(DeliveryRow.subscriber_id),
        col(SubscriberRow.uuid),
        col(SubscriptionRow.uuid),
        col(SubscriberRow.address),
        col(SubscriberRow.name),
        col(DeliveryRow.attempts),
        col(DeliveryRow.reason),
        _left().label("left"),
    )
    .select_from(
        sa.inspect(DeliveryRow).local_table.join(
            _standing(), col(SubscriberRow.id) == col(DeliveryRow.subscriber_id)
        )
    )
    .where(_QUEUED)
    .order_by(col(DeliveryRow.subscriber_id))
    .limit(sa.bindparam("most"))
)
_WHY = (
    sa.select(_left())
    .select_from(_standing())
    .where(col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
    .scalar_subquery()
)
_WITHDRAW = (
    sa.update(DeliveryRow)
    .where(_QUEUED, _WHY.is_not(None))
    .values(given_up(_WHY, sa.bindparam("now")))
)
