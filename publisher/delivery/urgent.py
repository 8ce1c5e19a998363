"""What overtakes a running edition: letters to single people, and alerts."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import LetterRow, LetterState
from publisher.delivery.claim import open_to_claim
from publisher.editions.models import BatchRow, EditionKind, EditionRow, EditionState

NOTICED_AFTER = timedelta(seconds=0.5)  # a worker of the lane itself is quicker than that
OPEN_LETTERS = (LetterState.QUEUED, LetterState.DEFERRED, LetterState.SENDING)


def is_waiting(session: Session, edition_id: int, now: datetime) -> bool:
    """Whether a letter, or an alert other than this edition, has waited for half a second."""
    kind = session.execute(
        select(EditionRow.kind).where(EditionRow.id == edition_id)
    ).scalar_one_or_none()
    if kind == EditionKind.ALERT:
        return False
    since = now - NOTICED_AFTER
    letter = select(LetterRow.id).where(
        col(LetterRow.state).in_(OPEN_LETTERS), col(LetterRow.next_at) <= since
    )
    return bool(
        session.execute(letter.limit(1)).first() or alert_batches(session, since, now, most=1)
    )


def alert_batches(
    session: Session, since: datetime, now: datetime, *, most: int = 50
) -> list[tuple[int, int]]:
    """Edition and number of the open batches of alerts that were frozen before `since`."""
    statement = (
        sa.select(col(BatchRow.edition_id), col(BatchRow.no))
        .join(EditionRow, col(EditionRow.id) == col(BatchRow.edition_id))
        .where(
            col(EditionRow.kind) == EditionKind.ALERT,
            col(EditionRow.state) == EditionState.SENDING,
            col(EditionRow.frozen_at) <= since,
            open_to_claim(now),
        )
        .order_by(col(BatchRow.edition_id), col(BatchRow.no))
        .limit(most)
    )
    return [(edition_id, no) for edition_id, no in session.execute(statement)]
