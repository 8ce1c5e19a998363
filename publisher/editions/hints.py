"""Waking the batches of an edition, each on the lane that is its due."""

from sqlmodel import Session

from publisher.editions.models import EditionKind, EditionRow
from publisher.queue import wake

SEND, SEND_ALERT = "publisher.deliveries.send_batch", "publisher.alerts.send_batch"


def wake_batch(session: Session, edition_id: int, no: int) -> None:
    """Have a batch sent once this transaction is committed; an alert's overtakes the others."""
    edition = session.get(EditionRow, edition_id)
    alert = edition is not None and edition.kind == EditionKind.ALERT
    wake(session, SEND_ALERT if alert else SEND, edition_id=edition_id, batch_no=no)
