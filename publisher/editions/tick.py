"""The clock of the editions: plans the slots that are missing and starts what is due."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import CLOCK, record
from publisher.audience.models import NewsletterRow
from publisher.editions.models import (
    EditionDayRow,
    EditionKind,
    EditionRow,
    EditionState,
    SlotRow,
)
from publisher.editions.slots import LATE_LIMIT, Due, Rule, missing_slots
from publisher.queue import wake
from publisher.store.columns import new_uuid
from publisher.store.locks import lock_name

RECURRING = ("daily", "weekly")
MISSED = "Its time passed while Publisher was not running."


def tick(session: Session, now: datetime) -> None:
    """Plan every newsletter's next slot and wake every edition that is due.

    Safe to run twice at once: a slot's key is unique, and an edition is started by one only.
    """
    lock_name(session, "editions tick")
    for newsletter in session.exec(select(NewsletterRow).where(col(NewsletterRow.active))).all():
        for cadence in RECURRING:
            if cadence in newsletter.cadences:
                plan(session, newsletter, cadence, now)
    _put_aside_late(session, now)
    for edition_id in due_editions(session, now):
        wake(session, "publisher.editions.start", edition_id=edition_id)


def plan(session: Session, newsletter: NewsletterRow, cadence: str, now: datetime) -> None:
    """Write the newsletter's slots up to the next one to come.

    Of slots missed while nothing ran only the latest is sent, and only within six hours; the
    others are recorded as skipped, and their stories carry over.
    """
    rule = Rule(cadence, newsletter.hour, newsletter.weekday, newsletter.zone)
    missing = missing_slots(rule, _planned_until(session, newsletter, cadence), now)
    past = [due for due in missing if due.at <= now]
    for due in missing:
        in_time = due.at > now or (due is past[-1] and now - due.at <= LATE_LIMIT)
        _add_edition(session, newsletter, cadence, due, in_time=in_time, now=now)


def due_editions(session: Session, now: datetime) -> list[int]:
    """Ids of the editions whose time has come and that nobody has started yet."""
    scheduled = sa.and_(
        col(EditionRow.state) == EditionState.SCHEDULED, col(EditionRow.due_at) <= now
    )
    holding = sa.and_(
        col(EditionRow.state) == EditionState.HOLDING, col(EditionRow.hold_until) <= now
    )
    statement = select(EditionRow.id).where(sa.or_(scheduled, holding)).order_by(col(EditionRow.id))
    return [edition_id for edition_id in session.exec(statement) if edition_id is not None]


def _put_aside_late(session: Session, now: datetime) -> None:
    """What is over six hours late is not sent: a slot is skipped, an editor's goes to drafts."""
    late = sa.and_(
        col(EditionRow.state) == EditionState.SCHEDULED, col(EditionRow.due_at) < now - LATE_LIMIT
    )
    slots = sa.update(EditionRow).where(late, col(EditionRow.slot_id).is_not(None))
    session.execute(slots.values(state=EditionState.SKIPPED, reason=MISSED, finished_at=now))
    specials = sa.update(EditionRow).where(late, col(EditionRow.slot_id).is_(None))
    session.execute(
        specials.values(
            state=EditionState.DRAFT, due_at=None, reason=f"{MISSED} Schedule it again."
        )
    )


def _planned_until(session: Session, newsletter: NewsletterRow, cadence: str) -> datetime:
    """The last slot there is, or where the newsletter began."""
    statement = select(SlotRow.due_at).where(
        SlotRow.newsletter_id == newsletter.id, SlotRow.cadence == cadence
    )
    last = session.exec(statement.order_by(col(SlotRow.due_at).desc())).first()
    return last or newsletter.created_at


def _add_edition(
    session: Session,
    newsletter: NewsletterRow,
    cadence: str,
    due: Due,
    *,
    in_time: bool,
    now: datetime,
) -> None:
    slot = SlotRow(
        newsletter_id=newsletter.id or 0,
        cadence=cadence,
        due_at=due.at,
        day_id=_day(session, newsletter, cadence, due),
    )
    session.add(slot)
    session.flush()
    edition = EditionRow(
        uuid=new_uuid(now),
        newsletter_id=newsletter.id or 0,
        kind=EditionKind.DIGEST,
        state=EditionState.SCHEDULED if in_time else EditionState.SKIPPED,
        reason=None if in_time else MISSED,
        slot_id=slot.id,
        cadence=cadence,
        created_at=now,
        due_at=due.at,
        finished_at=None if in_time else now,
    )
    session.add(edition)
    record(session, CLOCK, "edition.plan", "edition", edition.uuid, at=now, due=due.at.isoformat())


def _day(session: Session, newsletter: NewsletterRow, cadence: str, due: Due) -> int:
    statement = select(EditionDayRow).where(
        EditionDayRow.newsletter_id == newsletter.id,
        EditionDayRow.cadence == cadence,
        EditionDayRow.local_date == due.local_date,
    )
    day = session.exec(statement).first()
    if day is None:
        day = EditionDayRow(
            newsletter_id=newsletter.id or 0, cadence=cadence, local_date=due.local_date
        )
        session.add(day)
        session.flush()
    return day.id or 0
