"""A newsletter's policy to send deliveries in doubt once more, when all else is through.

By default there is none: they wait for an editor, see `publisher.delivery.doubts`. A delivery that
is planned has a moment in `next_at`, so finding those that are due costs no look at all others.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import NewsletterRow
from publisher.delivery.resend import in_doubt, put_up, sendable_variants
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow, EditionState

# As long as a server may take to answer a message (RFC 5321 §4.5.3.2.6): until then it may still
# be about to answer the worker that waits for it, and RFC 1047 shows what comes of hurrying.
PATIENCE = timedelta(minutes=10)
OLDEST = timedelta(hours=48)  # as for whatever else is tried again by itself


def plan_resend(session: Session, edition_id: int, now: datetime) -> bool:
    """Give an edition that is through a moment to resend what is in doubt, by its policy.

    Whether there is any: it is then being sent still. Each delivery is planned once.
    """
    edition = session.get_one(EditionRow, edition_id, populate_existing=True)
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    if not newsletter.resend_uncertain or (edition.frozen_at or now) < now - OLDEST:
        return False
    never = col(DeliveryRow.resent_at).is_(None)
    due = now + PATIENCE
    planned = 0
    for variant_id in sendable_variants(session, edition_id, never, now):
        statement = sa.update(DeliveryRow).where(in_doubt(edition_id, variant_id), never)
        planned += session.connection().execute(statement.values(next_at=due)).rowcount
    if planned:
        edition.state, edition.finished_at = EditionState.SENDING, None
        edition.reason = f"{planned} may have arrived or not; sent again at {due:%H:%M} UTC."
        session.flush()
    return planned > 0


def resend_planned(session: Session, now: datetime) -> int:
    """Put up what was planned and whose moment has come; how many that were.

    Where the policy has been taken back meanwhile, or a story, it stays in doubt.
    """
    due = sa.and_(
        col(DeliveryRow.next_at) <= now, col(DeliveryRow.state) == DeliveryState.UNCERTAIN
    )
    statement = (
        sa.select(col(EditionRow.id), col(NewsletterRow.resend_uncertain))
        .join(DeliveryRow, col(DeliveryRow.edition_id) == col(EditionRow.id))
        .join(NewsletterRow, col(NewsletterRow.id) == col(EditionRow.newsletter_id))
        .where(due, col(EditionRow.state) == EditionState.SENDING)
        .distinct()
        .order_by(col(EditionRow.id))
    )
    moved = 0
    for edition_id, wanted in session.execute(statement).all():
        if wanted:
            moved += put_up(session, edition_id, due, now)
        left = sa.update(DeliveryRow).where(col(DeliveryRow.edition_id) == edition_id, due)
        session.execute(left.values(next_at=None))
    return moved
