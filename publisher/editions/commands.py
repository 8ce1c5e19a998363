"""What an editor may do with an edition; each act is certain or refused, never half done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.audience.models import NewsletterRow
from publisher.editions.give_up import given_up
from publisher.editions.hints import wake_first
from publisher.editions.models import (
    BatchRow,
    BatchState,
    DeliveryRow,
    DeliveryState,
    EditionKind,
    EditionRow,
    EditionState,
    SlotRow,
)
from publisher.errors import InvalidInputError, NotFoundError, RefusedError
from publisher.newsroom.find import find_article
from publisher.queue import wake
from publisher.store.columns import new_uuid

S = EditionState
DESK_HOLD = timedelta(minutes=2)
SUBJECT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class NewEdition:
    """What an editor asks for.

    `stories` are article ids in the editor's order (a special); None lets the ledger choose for
    each reader (a digest outside its slot). `cadence` None is every reader of the newsletter.
    """

    newsletter: str
    stories: Sequence[str] | None = None
    cadence: str | None = None
    subject: str | None = None
    due_at: datetime | None = None


def create_edition(session: Session, new: NewEdition, *, by: Actor, now: datetime) -> EditionRow:
    """A draft; or a scheduled edition where `due_at` is given.

    Raises NotFoundError for an unknown newsletter or story, InvalidInputError for a time that
    has passed, a cadence the newsletter does not have, or no story at all.
    """
    newsletter = _newsletter(session, new)
    chosen = None if new.stories is None else _chosen(session, new.stories)
    edition = EditionRow(
        uuid=new_uuid(now),
        newsletter_id=newsletter.id or 0,
        kind=EditionKind.DIGEST if chosen is None else EditionKind.SPECIAL,
        state=S.DRAFT,
        cadence=new.cadence,
        subject=_subject(new.subject),
        chosen=chosen,
        created_at=now,
    )
    session.add(edition)
    session.flush()
    record(session, by, "edition.create", "edition", edition.uuid, at=now)
    if new.due_at is not None:
        schedule(session, edition, new.due_at, by=by, now=now)
    return edition


def schedule(
    session: Session, edition: EditionRow, due_at: datetime, *, by: Actor, now: datetime
) -> None:
    """Send it at `due_at`; raises InvalidInputError where that has passed."""
    if due_at <= now:
        raise InvalidInputError(f"{due_at:%Y-%m-%d %H:%M} UTC has passed; choose a time to come.")
    _move(session, edition, (S.DRAFT, S.SCHEDULED), S.SCHEDULED, due_at=due_at, hold_until=None)
    record(session, by, "edition.schedule", "edition", edition.uuid, at=now, due=due_at.isoformat())


def send(
    session: Session, edition: EditionRow, *, hold: timedelta, by: Actor, now: datetime
) -> None:
    """Send it once `hold` has passed; until then cancelling is certain.

    Raises RefusedError for the digest of a slot that is still to come: sent early, it would leave
    that day without one.
    """
    _refuse_early(session, edition, now)
    _move(session, edition, (S.DRAFT, S.SCHEDULED), S.HOLDING, hold_until=now + hold)
    record(session, by, "edition.send", "edition", edition.uuid, at=now)
    if not hold:
        wake(session, "publisher.editions.start", edition_id=edition.id or 0)


def cancel(session: Session, edition: EditionRow, *, by: Actor, now: datetime) -> None:
    """Back to a draft; possible until the first mail is claimed."""
    _move(session, edition, (S.SCHEDULED, S.HOLDING), S.DRAFT, due_at=None, hold_until=None)
    record(session, by, "edition.cancel", "edition", edition.uuid, at=now)


def pause(session: Session, edition: EditionRow, *, by: Actor, now: datetime) -> None:
    """Send nothing more for now; what is in flight (at most a window) still goes.

    One that the clock paused stays paused from now on, until somebody resumes it.
    """
    if edition.state == S.PAUSED and edition.resume_at is None:
        raise RefusedError(f"Edition {edition.id} is paused already.")
    reason = f"Paused by {by}."
    _move(session, edition, (S.SENDING, S.PAUSED), S.PAUSED, reason=reason, resume_at=None)
    record(session, by, "edition.pause", "edition", edition.uuid, at=now)


def resume(session: Session, edition: EditionRow, *, by: Actor, now: datetime) -> None:
    """Go on where a pause left off."""
    _move(session, edition, (S.PAUSED,), S.SENDING, reason=None, resume_at=None)
    record(session, by, "edition.resume", "edition", edition.uuid, at=now)
    open_batches = (
        sa.select(col(BatchRow.no))
        .where(col(BatchRow.edition_id) == edition.id, col(BatchRow.state) == BatchState.READY)
        .order_by(col(BatchRow.no))
    )
    wake_first(session, edition.id or 0, session.execute(open_batches).scalars().all())


def stop(session: Session, edition: EditionRow, *, by: Actor, now: datetime) -> None:
    """End it for good: what has not been claimed is withdrawn; cannot be undone."""
    ended = {"reason": f"Stopped by {by}.", "finished_at": now, "resume_at": None}
    _move(session, edition, (S.SENDING, S.PAUSED), S.STOPPED, **ended)
    withdraw_unclaimed(session, edition.id or 0, now)
    record(session, by, "edition.stop", "edition", edition.uuid, at=now)


def withdraw_unclaimed(session: Session, edition_id: int, now: datetime) -> None:
    """Withdraw what waits in batches that nobody is sending, and what is deferred.

    The batches come first: a worker who reaches for one meanwhile waits for us and finds it done,
    where it would mail readers whose rows are being withdrawn. What a worker puts back, or puts
    off, at this very moment is left to the sweep.
    """
    session.execute(
        sa.update(BatchRow)
        .where(col(BatchRow.edition_id) == edition_id, col(BatchRow.state) == BatchState.READY)
        .values(state=BatchState.DONE)
    )
    closed = (
        sa.select(col(BatchRow.no))
        .where(col(BatchRow.edition_id) == edition_id, col(BatchRow.state) == BatchState.DONE)
        .scalar_subquery()
    )
    waiting = sa.or_(
        sa.and_(
            col(DeliveryRow.state) == DeliveryState.QUEUED,
            col(DeliveryRow.batch_no).in_(closed),
        ),
        col(DeliveryRow.state) == DeliveryState.DEFERRED,
    )
    session.execute(
        sa.update(DeliveryRow)
        .where(col(DeliveryRow.edition_id) == edition_id, waiting)
        .values(given_up("stopped", now))
    )
    planned = sa.update(DeliveryRow).where(
        col(DeliveryRow.edition_id) == edition_id, col(DeliveryRow.next_at).is_not(None)
    )
    session.execute(planned.values(next_at=None))  # what is in doubt stays so


def _move(
    session: Session,
    edition: EditionRow,
    allowed: tuple[EditionState, ...],
    target: EditionState,
    **values: object,
) -> None:
    """Change the state in one conditional statement, so that of two at once one is refused."""
    statement = (
        sa.update(EditionRow)
        .where(col(EditionRow.id) == edition.id, col(EditionRow.state).in_(allowed))
        .values(state=target, **values)
    )
    changed = session.connection().execute(statement).rowcount
    session.refresh(edition)
    if changed != 1:
        listed = " or ".join(state.value for state in allowed)
        raise RefusedError(
            f"Edition {edition.id} is {edition.state.value}; this is possible only while it is "
            f"{listed}."
        )


def _refuse_early(session: Session, edition: EditionRow, now: datetime) -> None:
    slot = session.get(SlotRow, edition.slot_id) if edition.slot_id else None
    if slot is not None and slot.due_at > now:
        raise RefusedError(
            f"Edition {edition.id} is the {slot.cadence} digest due at "
            f"{slot.due_at:%Y-%m-%d %H:%M} UTC and goes out by itself. For one more digest now, "
            "create a new edition."
        )


def _newsletter(session: Session, new: NewEdition) -> NewsletterRow:
    statement = select(NewsletterRow).where(NewsletterRow.slug == new.newsletter)
    newsletter = session.exec(statement).first()
    if newsletter is None:
        raise NotFoundError("newsletter", new.newsletter)
    if new.cadence is not None and new.cadence not in newsletter.cadences:
        offered = ", ".join(newsletter.cadences)
        raise InvalidInputError(
            f"“{newsletter.slug}” is not sent {new.cadence}; it has: {offered}."
        )
    return newsletter


def _chosen(session: Session, refs: Sequence[str]) -> list[str]:
    uuids = list(dict.fromkeys(find_article(session, ref).uuid for ref in refs))
    if not uuids:
        raise InvalidInputError("A special needs at least one story.")
    return uuids


def _subject(subject: str | None) -> str | None:
    if subject is None or not subject.strip():
        return None
    if len(subject) > SUBJECT_LIMIT:
        raise InvalidInputError(f"A subject has at most {SUBJECT_LIMIT} characters.")
    return subject.strip()
