"""Putting deliveries in doubt up to be sent again, in batches of their own.

A message that is sent again is the same to the last byte, Message-ID included, so that a mailbox
which drops second copies shows one. Where that cannot be, because a story of it was taken back,
the delivery stays in doubt.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.editions.hints import wake_batch
from publisher.editions.models import DeliveryRow, DeliveryState
from publisher.editions.refit import is_whole
from publisher.editions.variants import add_batch, lock_batches

BATCH_SIZE = 500


def put_up(session: Session, edition_id: int, which: sa.ColumnElement[bool], now: datetime) -> int:
    """Put those of the edition up that are in doubt and meant by `which`; how many that are."""
    moved = 0
    for variant_id in sendable_variants(session, edition_id, which, now):
        while count := _put_up_batch(session, edition_id, variant_id, which, now):
            moved += count
    return moved


def sendable_variants(
    session: Session, edition_id: int, which: sa.ColumnElement[bool], now: datetime
) -> list[int]:
    """The variants of those in doubt of which every story may leave now."""
    statement = (
        sa.select(col(DeliveryRow.variant_id))
        .where(in_doubt(edition_id), which)
        .distinct()
        .order_by(col(DeliveryRow.variant_id))
    )
    found = session.execute(statement).scalars().all()
    return [variant_id for variant_id in found if is_whole(session, variant_id, now)]


def in_doubt(edition_id: int, variant_id: int | None = None) -> sa.ColumnElement[bool]:
    """The edition's uncertain deliveries, or those of one variant."""
    conditions = [
        col(DeliveryRow.edition_id) == edition_id,
        col(DeliveryRow.state) == DeliveryState.UNCERTAIN,
    ]
    if variant_id is not None:
        conditions.append(col(DeliveryRow.variant_id) == variant_id)
    return sa.and_(*conditions)


def _put_up_batch(
    session: Session, edition_id: int, variant_id: int, which: sa.ColumnElement[bool], now: datetime
) -> int:
    """A batch of its own for at most 500; nothing is made for none."""
    lock_batches(session, edition_id)
    meant = sa.and_(in_doubt(edition_id, variant_id), which)
    statement = sa.select(col(DeliveryRow.subscriber_id)).where(meant)
    readers = (
        session.execute(
            statement.order_by(col(DeliveryRow.subscriber_id)).limit(BATCH_SIZE).with_for_update()
        )
        .scalars()
        .all()
    )
    if not readers:
        return 0
    no = add_batch(session, edition_id, variant_id)
    moved = sa.update(DeliveryRow).where(meant, col(DeliveryRow.subscriber_id).in_(readers))
    session.execute(
        moved.values(state=DeliveryState.QUEUED, batch_no=no, next_at=None, resent_at=now)
    )
    wake_batch(session, edition_id, no)
    return len(readers)
