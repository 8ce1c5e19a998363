"""When a story must not leave any more: the batches that wait get a variant without it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from publisher.editions.give_up import IN_DOUBT, given_up
from publisher.editions.masks import signature
from publisher.editions.models import (
    BatchRow,
    BatchState,
    DeliveryRow,
    DeliveryState,
    EditionRow,
    EditionState,
    VariantItemRow,
    VariantRow,
)
from publisher.editions.variants import add_variant
from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleRow


def refit_waiting(session: Session, article_id: int, now: datetime) -> None:
    """Refit every waiting batch that carries the article, where it may not be mailed now."""
    statement = (
        select(BatchRow.edition_id, BatchRow.no)
        .join(EditionRow, col(EditionRow.id) == col(BatchRow.edition_id))
        .join(VariantItemRow, col(VariantItemRow.variant_id) == col(BatchRow.variant_id))
        .where(
            VariantItemRow.article_id == article_id,
            BatchRow.state == BatchState.READY,
            col(EditionRow.state).in_((EditionState.SENDING, EditionState.PAUSED)),
        )
    )
    for edition_id, no in session.exec(statement).all():
        refit_batch(session, edition_id, no, now)


def refit_batch(session: Session, edition_id: int, no: int, now: datetime) -> int | None:
    """The variant the batch may send now; None where no story of it is left.

    Side effects: moves the queued deliveries of the batch to a variant without the stories that
    may not leave, or withdraws them where none is left. Those sent keep the variant they got, and
    so do those that were in doubt: they are sent again as they were, or not at all.
    """
    statement = select(BatchRow).where(BatchRow.edition_id == edition_id, BatchRow.no == no)
    batch = session.exec(statement.with_for_update()).one()
    alive = _alive(session, batch.variant_id, now)
    if alive is None:
        return batch.variant_id
    queued = sa.update(DeliveryRow).where(
        col(DeliveryRow.edition_id) == edition_id,
        col(DeliveryRow.batch_no) == no,
        col(DeliveryRow.state) == DeliveryState.QUEUED,
    )
    if not alive:
        session.execute(queued.values(given_up("killed", now)))
        return None
    session.execute(queued.where(IN_DOUBT).values(given_up("killed", now)))
    variant = session.get_one(VariantRow, batch.variant_id)
    edition = session.get_one(EditionRow, edition_id)
    batch.variant_id = add_variant(session, edition, signature(alive), variant.language)
    session.execute(queued.values(variant_id=batch.variant_id))
    session.add(batch)
    session.flush()
    return batch.variant_id


def is_whole(session: Session, variant_id: int, now: datetime) -> bool:
    """Whether every story of the variant may be mailed now."""
    return bool(session.execute(sa.select(all_leave(sa.literal(variant_id), now))).scalar_one())


def all_leave(
    variant_id: sa.ColumnElement[int] | Mapped[int], now: datetime | sa.ColumnElement[datetime]
) -> sa.ColumnElement[bool]:
    """The same as a condition; a story of which the gate says nothing stays, too."""
    leaves = sa.func.coalesce(leavable("mail", now), sa.false())
    return ~sa.exists(
        sa.select(col(VariantItemRow.position))
        .join(ArticleRow, col(ArticleRow.id) == col(VariantItemRow.article_id))
        .where(col(VariantItemRow.variant_id) == variant_id, sa.not_(leaves))
    )


def _alive(session: Session, variant_id: int, now: datetime) -> list[int] | None:
    """Positions that may still leave, where some may not; None where all may."""
    items = session.execute(
        sa.select(col(VariantItemRow.position), leavable("mail", now))
        .join(ArticleRow, col(ArticleRow.id) == col(VariantItemRow.article_id))
        .where(col(VariantItemRow.variant_id) == variant_id)
        .order_by(col(VariantItemRow.position))
    ).all()
    alive = [position for position, leaves in items if leaves]
    return None if len(alive) == len(items) else alive
