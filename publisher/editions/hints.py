"""Waking the batches of an edition, each on the lane that is its due.

A big edition has thousands of batches. Only the first are woken at once; each that is done wakes
the one that stands so many places behind it. So a broker never holds more, and an edition that
comes later need not wait for all of an earlier one. The sweep mends a chain that broke.
"""

from collections.abc import Iterable
from itertools import islice

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.editions.models import OPEN, BatchRow, BatchState, EditionKind, EditionRow
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


def wake_next(session: Session, kind: EditionKind, edition_id: int, no: int) -> bool:
    """Wake the batch whose turn it is now that batch `no` is done; whether any is still open."""
    asked = {"edition": edition_id, "number": no + AHEAD}
    waits, is_open = session.connection().execute(_LEFT, asked).one()
    if waits:
        _wake(session, kind, edition_id, no + AHEAD)
    return bool(is_open)


def _wake(session: Session, kind: EditionKind | None, edition_id: int, no: int) -> None:
    task = SEND_ALERT if kind == EditionKind.ALERT else SEND
    wake(session, task, edition_id=edition_id, batch_no=no)


# Built once: every batch that is done asks.
_KIND = sa.select(col(EditionRow.kind)).where(col(EditionRow.id) == sa.bindparam("edition"))
_OF_EDITION = col(BatchRow.edition_id) == sa.bindparam("edition")
_LEFT = sa.select(
    sa.exists().where(
        _OF_EDITION,
        col(BatchRow.no) == sa.bindparam("number"),
        col(BatchRow.state) == BatchState.READY,
    ),
    sa.exists().where(_OF_EDITION, OPEN),
)
