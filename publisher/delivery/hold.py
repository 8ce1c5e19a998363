"""Trouble with an edition, said where the desk looks for it."""

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.editions.models import EditionRow, EditionState


def note_trouble(session: Session, edition_id: int, reason: str) -> None:
    """Say why the edition does not get on; it goes on by itself."""
    session.execute(
        sa.update(EditionRow)
        .where(col(EditionRow.id) == edition_id, col(EditionRow.state) == EditionState.SENDING)
        .values(reason=reason[:500])
    )


def hold_edition(session: Session, edition_id: int, reason: str) -> None:
    """Pause the edition until somebody has mended what is wrong with it."""
    session.execute(
        sa.update(EditionRow)
        .where(col(EditionRow.id) == edition_id, col(EditionRow.state) == EditionState.SENDING)
        .values(state=EditionState.PAUSED, reason=reason[:500])
    )
