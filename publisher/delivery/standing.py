"""How an edition stands when a window of it is taken: what decides whether it goes on."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import NewsletterRow
from publisher.editions.models import EditionKind, EditionRow, EditionState


@dataclass(frozen=True, slots=True)
class Standing:
    """Its state and kind, the trouble it is in, and its newsletter with the quiet hours."""

    state: EditionState
    kind: EditionKind
    reason: str | None
    frozen_at: datetime | None
    newsletter_id: int
    newsletter: str
    zone: str
    quiet_from: int | None
    quiet_until: int | None


def standing_of(session: Session, edition_id: int) -> Standing:
    """As the rows say at this moment."""
    return Standing(*session.connection().execute(_STANDING, {"edition": edition_id}).one())


COLUMNS = (  # as Standing has them
    col(EditionRow.state),
    col(EditionRow.kind),
    col(EditionRow.reason),
    col(EditionRow.frozen_at),
    col(EditionRow.newsletter_id),
    col(NewsletterRow.name),
    col(NewsletterRow.zone),
    col(NewsletterRow.quiet_from),
    col(NewsletterRow.quiet_until),
)
_STANDING = (
    sa.select(*COLUMNS)
    .join(NewsletterRow, col(NewsletterRow.id) == col(EditionRow.newsletter_id))
    .where(col(EditionRow.id) == sa.bindparam("edition"))
)
