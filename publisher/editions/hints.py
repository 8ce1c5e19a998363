"""Waking the batches of an edition, each on the lane that is its due.

A big edition has thousands of batches. Only the first are woken at once; each that is done wakes
the one that stands so many places behind it. So a broker never holds more, and an edition that
comes later need not wait for all of an earlier one. The sweep mends a chain that broke.
"""

from collections.abc import Iterable
from itertools import islice

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.editions.models import BatchRow, BatchState, EditionKind, EditionRow
from publisher.queue import wake

AHEAD = 100  # more than the processes that send

SEND, SEND_ALERT = "publisher.deliveries.send_batch", "publisher.alerts.send_batch"


def wake_batch(session: Session, edition_id: int, no: int) -> None:
    """Have a batch sent once this transaction is committed; an alert's overtakes the others."""
    session.flush()
    kind = session.connection().execute(_KIND, {"edition": edition_id}).scalar_one_or_none()
    _wake(session, kind, edition_id, no)


def wake_first(session: Session, edition_id: int, numbers: Iterable[int]) -> None:
    """Wake the first of these batches; they wake the others when they are done."""
    for no in islice(numbers, AHEAD):
        wake_batch(session, edition_id, no)


def wake_next(session: Session, edition_id: int, no: int) -> None:
    """Wake the batch whose turn it is now that batch `no` is done, if there is one."""
    later = {"edition": edition_id, "number": no + AHEAD}
    waiting = session.connection().execute(_WAITING, later).first()
    if waiting is not None:
        _wake(session, waiting.kind, edition_id, no + AHEAD)


def _wake(session: Session, kind: EditionKind | None, edition_id: int, no: int) -> None:
    task = SEND_ALERT if kind == EditionKind.ALERT else SEND
    wake(session, task, edition_id=edition_id, batch_no=no)


# Built once: every batch that is done asks.
_KIND = sa.select(col(EditionRow.kind)).where(col(EditionRow.id) == sa.bindparam("edition"))
_WAITING = _KIND.join(BatchRow, col(BatchRow.edition_id) == col(EditionRow.id)).where(
    col(BatchRow.no) == sa.bindparam("number"), col(BatchRow.state) == BatchState.READY
)
