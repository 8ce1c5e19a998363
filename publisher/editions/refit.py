"""When a story must not leave any more: the batches that wait get a variant without it."""

from datetime import datetime

import sqlalchemy as sa
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
    return _alive(session, variant_id, now) is None


def _alive(session: Session, variant_id: int, now: datetime) -> list[int] | None:
    """Positions that may still leave, where some may not; None where all may."""
    asked = {"variant": variant_id, "now": now}
    items = session.connection().execute(_ITEMS, asked).all()
    alive = [position for position, leaves in items if leaves]
    return None if len(alive) == len(items) else alive


# Built once: it is asked for every window of an edition that is being sent.
_ITEMS = (
    sa.select(col(VariantItemRow.position), leavable("mail", sa.bindparam("now")))
    .join(ArticleRow, col(ArticleRow.id) == col(VariantItemRow.article_id))
    .where(col(VariantItemRow.variant_id) == sa.bindparam("variant"))
    .order_by(col(VariantItemRow.position))
)
