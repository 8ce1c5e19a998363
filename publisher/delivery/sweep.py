"""The sweep: finds in the rows what no message brought, and wakes it again."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.delivery.breaker import mend
from publisher.delivery.claim import open_to_claim, put_back_lapsed
from publisher.delivery.gone import suppress_gone
from publisher.delivery.outcome import finish
from publisher.delivery.quiet import is_quiet
from publisher.delivery.recover import alive_here, recover
from publisher.delivery.turns import reason_when_due
from publisher.delivery.uncertain import resend_planned
from publisher.editions.commands import withdraw_unclaimed
from publisher.editions.hints import wake_batch
from publisher.editions.models import (
    BatchRow,
    BatchState,
    DeliveryRow,
    DeliveryState,
    EditionKind,
    EditionRow,
    EditionState,
)
from publisher.editions.variants import add_batch
from publisher.newsroom.events import unanswered
from publisher.queue import wake
from publisher.store import Runtime

GRACE = timedelta(seconds=10)
MOST_HINTS = 50
BATCH_SIZE = 500
MOST_BATCHES = 20  # of one variant in one sweep; the next takes what is left


def sweep(runtime: Runtime) -> None:
    """Recover lost workers' batches, and re-hint everything that is overdue.

    Harmless at any time and as often as one likes: hints only ever lead to conditional claims.
    """
    recover(runtime)
    mend(runtime)
    now = runtime.clock()
    with runtime.sessions.begin() as session:
        requeue_deferred(session, now)
        resend_planned(session, now)
        _close_stopped(session, now, alive=alive_here(runtime))
        _finish_all(session, now)
        _hint_batches(session, now)
        for event_id in unanswered(session, before=now - GRACE):
            wake(session, "publisher.newsroom.react", event_id=event_id)


def requeue_deferred(session: Session, now: datetime) -> int:
    """Put deferred deliveries whose time has come into new batches; returns how many.

    Whoever waited their turn, and could not take it because the edition was paused or quiet, has
    to ask for another: all of them together would break the pace of their destination.
    """
    due = (
        sa.select(col(DeliveryRow.edition_id), col(DeliveryRow.variant_id))
        .join(EditionRow, col(EditionRow.id) == col(DeliveryRow.edition_id))
        .where(_is_due(now), col(EditionRow.state) == EditionState.SENDING)
        .distinct()
        .order_by(col(DeliveryRow.edition_id), col(DeliveryRow.variant_id))
    )
    moved = 0
    for edition_id, variant_id in session.execute(due).all():
        if is_quiet(session, edition_id, now):
            continue
        for _ in range(MOST_BATCHES):
            full = _requeue(session, edition_id, variant_id, now)
            moved += full
            if full < BATCH_SIZE:
                break
    return moved


def _requeue(session: Session, edition_id: int, variant_id: int, now: datetime) -> int:
    """One new batch of at most 500; how many are in it."""
    no = add_batch(session, edition_id, variant_id)
    readers = (
        sa.select(col(DeliveryRow.subscriber_id))
        .where(
            col(DeliveryRow.edition_id) == edition_id,
            col(DeliveryRow.variant_id) == variant_id,
            _is_due(now),
        )
        .order_by(col(DeliveryRow.subscriber_id))
        .limit(BATCH_SIZE)
    )
    moved = session.connection().execute(
        sa.update(DeliveryRow)
        .where(
            col(DeliveryRow.edition_id) == edition_id,
            col(DeliveryRow.subscriber_id).in_(readers.scalar_subquery()),
            _is_due(now),
        )
        .values(
            state=DeliveryState.QUEUED,
            batch_no=no,
            next_at=None,
            reason=reason_when_due(now),
        )
    )
    wake_batch(session, edition_id, no)
    return moved.rowcount


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(DeliveryRow.next_at) <= now, col(DeliveryRow.state) == DeliveryState.DEFERRED
    )


def _close_stopped(session: Session, now: datetime, *, alive: Collection[str]) -> None:
    """What a lost worker of a stopped edition left behind is withdrawn like the rest.

    So is what a worker put off or put back while the edition was being stopped.
    """
    open_batches = sa.select(col(BatchRow.edition_id)).where(
        sa.or_(col(BatchRow.state) == BatchState.READY, open_to_claim(now))
    )
    waiting = sa.select(col(DeliveryRow.edition_id)).where(col(DeliveryRow.next_at).is_not(None))
    statement = sa.select(col(EditionRow.id)).where(
        col(EditionRow.state) == EditionState.STOPPED,
        sa.or_(col(EditionRow.id).in_(open_batches), col(EditionRow.id).in_(waiting)),
    )
    for edition_id in session.execute(statement.order_by(col(EditionRow.id))).scalars().all():
        put_back_lapsed(session, edition_id, now, alive=alive)
        withdraw_unclaimed(session, edition_id, now)


def _finish_all(session: Session, now: datetime) -> None:
    statement = sa.select(col(EditionRow.id)).where(col(EditionRow.state) == EditionState.SENDING)
    for edition_id in session.execute(statement).scalars().all():
        if finish(session, edition_id, now):
            suppress_gone(session, edition_id, now)


def _hint_batches(session: Session, now: datetime) -> None:
    statement = (
        sa.select(col(BatchRow.edition_id), col(BatchRow.no))
        .join(EditionRow, col(EditionRow.id) == col(BatchRow.edition_id))
        .where(
            open_to_claim(now),
            col(EditionRow.state) == EditionState.SENDING,
            col(EditionRow.frozen_at) < now - GRACE,
        )
        .order_by(
            col(EditionRow.kind) != EditionKind.ALERT, col(BatchRow.edition_id), col(BatchRow.no)
        )
        .limit(MOST_HINTS)
    )
    for edition_id, no in session.execute(statement).all():
        wake_batch(session, edition_id, no)
