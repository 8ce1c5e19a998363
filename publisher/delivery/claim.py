"""Claiming a batch: one conditional UPDATE of one row, with a lease."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.editions.hints import wake_batch
from publisher.editions.models import (
    BatchRow,
    BatchState,
    DeliveryRow,
    DeliveryState,
    EditionRow,
    EditionState,
)
from publisher.editions.variants import add_batch

LEASE = timedelta(seconds=120)
# That the batch is still a worker's, for a statement that is given `mine`.
MINE = sa.and_(
    col(BatchRow.edition_id) == sa.bindparam("edition"),
    col(BatchRow.no) == sa.bindparam("number"),
    col(BatchRow.worker) == sa.bindparam("mine"),
    col(BatchRow.state) == BatchState.SENDING,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that this worker alone may send until its lease ends."""

    edition_id: int
    no: int
    worker: str


def claim_batch(
    session: Session,
    edition_id: int,
    no: int,
    worker: str,
    now: datetime,
    *,
    alive: Collection[str] = (),
) -> Claim | None:
    """Take the batch, if it waits or its worker's lease has lapsed; None where it may not be had.

    Whatever was in flight when a lease lapsed without a journal becomes uncertain. From a worker
    known to be `alive` it is not taken: the clock has jumped, or the host has slept.
    """
    wanted = {"edition": edition_id, "number": no, "now": now, "alive": list(alive)}
    taken = {"to_worker": worker, "to_lease_until": now + LEASE}
    row = session.connection().execute(_claiming(), wanted | taken).first()
    if row is None:
        return None
    claim = Claim(edition_id, no, worker)
    if row.window_until is not None:
        _doubt(session, claim, row.window_until, now)
    return claim


def put_back_lapsed(
    session: Session, edition_id: int, now: datetime, *, alive: Collection[str]
) -> None:
    """Put the batches of an edition back whose workers' leases have lapsed, for nobody to claim."""
    lapsed = sa.select(col(BatchRow.no), col(BatchRow.worker), col(BatchRow.window_until)).where(
        col(BatchRow.edition_id) == edition_id,
        col(BatchRow.state) == BatchState.SENDING,
        col(BatchRow.lease_until) <= now,
        col(BatchRow.worker).not_in(alive),
    )
    for batch in session.execute(lapsed.with_for_update()).all():
        claim = Claim(edition_id, batch.no, batch.worker or "")
        if batch.window_until is not None:
            _doubt(session, claim, batch.window_until, now)
        put_back(session, claim)


def open_to_claim(now: datetime | sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    """Batches that wait (and are not told to wait longer), or whose worker's lease has lapsed."""
    waiting = sa.and_(
        col(BatchRow.state) == BatchState.READY,
        sa.or_(col(BatchRow.lease_until).is_(None), col(BatchRow.lease_until) <= now),
    )
    lapsed = sa.and_(col(BatchRow.state) == BatchState.SENDING, col(BatchRow.lease_until) <= now)
    return sa.or_(waiting, lapsed)


def mine(claim: Claim) -> dict[str, object]:
    """What `MINE` asks for."""
    return {"edition": claim.edition_id, "number": claim.no, "mine": claim.worker}


def renew(session: Session, claim: Claim, now: datetime) -> bool:
    """Lengthen the lease; False where another worker has taken the batch over."""
    return _update(session, claim, lease_until=now + LEASE)


def put_back(session: Session, claim: Claim, not_before: datetime | None = None) -> None:
    """Give the batch back, nothing of it in flight; it waits until `not_before`."""
    _update(
        session,
        claim,
        state=BatchState.READY,
        worker=None,
        lease_until=not_before,
        window_until=None,
    )


def close(session: Session, claim: Claim) -> None:
    """The batch is done."""
    _update(session, claim, state=BatchState.DONE, lease_until=None, window_until=None)


def put_in_flight(session: Session, claim: Claim, last_subscriber_id: int, now: datetime) -> None:
    """Lengthen the lease, and note how far the next window reaches.

    Should neither we nor our journal come back, those up to there are in doubt.
    """
    _update(session, claim, lease_until=now + LEASE, window_until=last_subscriber_id)


def doubt_in_flight(session: Session, claim: Claim, now: datetime) -> None:
    """Nobody can say what became of those of the last window who have no outcome yet."""
    statement = sa.select(col(BatchRow.window_until)).where(
        col(BatchRow.edition_id) == claim.edition_id, col(BatchRow.no) == claim.no
    )
    until = session.execute(statement).scalar_one()
    if until is not None:
        _doubt(session, claim, until, now)


def give_away_rest(session: Session, claim: Claim) -> None:
    """Put those of the batch who are not in flight into a new one, and wake it."""
    batch = session.get(
        BatchRow, (claim.edition_id, claim.no), populate_existing=True, with_for_update=True
    )
    if batch is None or batch.window_until is None:
        return
    rest = (
        col(DeliveryRow.edition_id) == claim.edition_id,
        col(DeliveryRow.batch_no) == claim.no,
        col(DeliveryRow.state) == DeliveryState.QUEUED,
        col(DeliveryRow.subscriber_id) > batch.window_until,
    )
    if not session.execute(sa.select(sa.exists().where(*rest))).scalar_one():
        return
    no = add_batch(session, claim.edition_id, batch.variant_id)
    session.execute(sa.update(DeliveryRow).where(*rest).values(batch_no=no))
    wake_batch(session, claim.edition_id, no)


def _update(session: Session, claim: Claim, **values: object) -> bool:
    """Change the batch if it still is the claim's; whether it is."""
    changed = {f"to_{name}": value for name, value in values.items()}
    done = session.connection().execute(_updating(*values), mine(claim) | changed)
    return done.rowcount == 1


@cache
def _claiming() -> sa.Executable:
    """Built once: with many variants a batch is a few messages."""
    may_send = sa.exists().where(
        col(EditionRow.id) == sa.bindparam("edition"), col(EditionRow.state) == EditionState.SENDING
    )
    known: sa.BindParameter[str] = sa.bindparam("alive", expanding=True)
    return (
        sa.update(BatchRow)
        .where(
            col(BatchRow.edition_id) == sa.bindparam("edition"),
            col(BatchRow.no) == sa.bindparam("number"),
            open_to_claim(sa.bindparam("now")),
            sa.or_(col(BatchRow.state) == BatchState.READY, col(BatchRow.worker).not_in(known)),
            may_send,
        )
        .values(
            state=BatchState.SENDING,
            worker=sa.bindparam("to_worker"),
            lease_until=sa.bindparam("to_lease_until"),
        )
        .returning(col(BatchRow.window_until))
    )


@lru_cache(maxsize=8)
def _updating(*names: str) -> sa.Executable:
    """Built once for each set of columns: every window changes its batch."""
    values: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in names}
    return sa.update(BatchRow.__table__).where(MINE).values(values)  # type: ignore[attr-defined]


def _doubt(session: Session, claim: Claim, last_subscriber_id: int, now: datetime) -> None:
    session.execute(
        sa.update(DeliveryRow)
        .where(
            col(DeliveryRow.edition_id) == claim.edition_id,
            col(DeliveryRow.batch_no) == claim.no,
            col(DeliveryRow.state) == DeliveryState.QUEUED,
            col(DeliveryRow.subscriber_id) <= last_subscriber_id,
        )
        .values(
            state=DeliveryState.UNCERTAIN,
            reason=None,
            reply="The worker was lost before its record was written.",
            at=now,
        )
    )
    _update(session, claim, window_until=None)
