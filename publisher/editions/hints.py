"""Waking the batches of an edition, each on the lane that is its due.

A big edition has thousands of batches. Only the first are woken at once; each that is done wakes
the one that stands so many places behind it. So a broker never holds more, and an edition that
comes later need not wait for all of an earlier one. The sweep mends a chain that broke.
"""

from collections.abc import Iterable
from itertools import islice

from sqlmodel import Session

from publisher.editions.models import BatchRow, BatchState, EditionKind, EditionRow
from publisher.queue import wake

AHEAD = 100  # more than the processes that send

SEND, SEND_ALERT = "publisher.deliveries.send_batch", "publisher.alerts.send_batch"


def wake_batch(session: Session, edition_id: int, no: int) -> None:
    """Have a batch sent once this transaction is committed; an alert's overtakes the others."""
    edition = session.get(EditionRow, edition_id)
    alert = edition is not None and edition.kind == EditionKind.ALERT
    wake(session, SEND_ALERT if alert else SEND, edition_id=edition_id, batch_no=no)


def wake_first(session: Session, edition_id: int, numbers: Iterable[int]) -> None:
    """Wake the first of these batches; they wake the others when they are done."""
    for no in islice(numbers, AHEAD):
        wake_batch(session, edition_id, no)


def wake_next(session: Session, edition_id: int, no: int) -> None:
    """Wake the batch whose turn it is now that batch `no` is done, if there is one."""
    later = session.get(BatchRow, (edition_id, no + AHEAD), populate_existing=True)
    if later is not None and later.state == BatchState.READY:
        wake_batch(session, edition_id, later.no)
