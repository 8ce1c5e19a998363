"""Trouble with an edition, said where the desk looks for it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import CLOCK, record
from publisher.editions.models import EditionRow, EditionState


def note_trouble(session: Session, edition_id: int, reason: str | None) -> None:
    """Say why the edition does not get on; it goes on by itself. None: it gets on again."""
    session.execute(
        sa.update(EditionRow)
        .where(col(EditionRow.id) == edition_id, col(EditionRow.state) == EditionState.SENDING)
        .values(reason=reason and reason[:500])
    )


def hold_edition(
    session: Session,
    edition_id: int,
    reason: str,
    *,
    now: datetime,
    resume_at: datetime | None = None,
) -> None:
    """Pause the edition: until `resume_at`, when the sweep looks again whether it may go on.

    Without it, until somebody has mended what is wrong and resumes it.
    """
    only = col(EditionRow.id) == edition_id
    _pause(session, only, reason, now=now, resume_at=resume_at)


def hold_all(session: Session, reason: str, *, now: datetime, resume_at: datetime) -> None:
    """Pause every edition that is being sent until `resume_at`: none of them can get on."""
    _pause(session, sa.true(), reason, now=now, resume_at=resume_at)


def wait_longer(session: Session, reason: str, *, now: datetime, resume_at: datetime) -> None:
    """Have the editions that the clock would resume now wait on."""
    session.execute(
        sa.update(EditionRow).where(is_due(now)).values(reason=reason[:500], resume_at=resume_at)
    )


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Editions that the clock paused and is to resume."""
    return sa.and_(col(EditionRow.resume_at) <= now, col(EditionRow.state) == EditionState.PAUSED)


def _pause(
    session: Session,
    which: sa.ColumnElement[bool],
    reason: str,
    *,
    now: datetime,
    resume_at: datetime | None,
) -> None:
    statement = select(EditionRow).where(which, EditionRow.state == EditionState.SENDING)
    fresh = statement.with_for_update().execution_options(populate_existing=True)
    for edition in session.exec(fresh.order_by(col(EditionRow.id))).all():
        edition.state = EditionState.PAUSED
        edition.reason = reason[:500]
        edition.resume_at = resume_at
        record(
            session, CLOCK, "edition.pause", "edition", edition.uuid, at=now, reason=reason[:500]
        )
    session.flush()
