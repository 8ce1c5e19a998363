"""Letters: one transactional mail to one person, as a row that a worker sends."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import LetterKind, LetterRow, LetterState
from publisher.queue import wake
from publisher.store.columns import new_uuid

CONFIRM_PAUSE = timedelta(hours=24)
CONFIRM_MOST = 3


def write_letter(
    session: Session,
    kind: LetterKind,
    *,
    subscriber_id: int,
    subscription_id: int | None = None,
    now: datetime,
) -> LetterRow:
    """Put a letter on its way: the row is written now, the mail goes out from the queue."""
    row = LetterRow(
        uuid=new_uuid(now),
        kind=kind,
        subscriber_id=subscriber_id,
        subscription_id=subscription_id,
        state=LetterState.QUEUED,
        created_at=now,
        next_at=now,
    )
    session.add(row)
    session.flush()
    wake(session, "publisher.audience.send_letter", letter_id=row.id or 0)
    return row


def may_ask_to_confirm(
    session: Session, subscriber_id: int, *, answered_at: datetime | None, now: datetime
) -> bool:
    """Whether another confirm letter may go to this person: our form must not be a weapon.

    At most one in 24 hours, and at most three that were not answered (`answered_at` is when the
    person last confirmed something).
    """
    statement = select(sa.func.count(), sa.func.max(LetterRow.created_at)).where(
        LetterRow.subscriber_id == subscriber_id, LetterRow.kind == LetterKind.CONFIRM
    )
    if answered_at is not None:
        statement = statement.where(col(LetterRow.created_at) > answered_at)
    count, last = session.exec(statement).one()
    return count == 0 or (count < CONFIRM_MOST and last <= now - CONFIRM_PAUSE)
