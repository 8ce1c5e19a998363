"""What people may say about a destination's pace, and what they see of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.audience.models import SubscriberRow
from publisher.delivery.models import DestinationRow
from publisher.delivery.pace import EVERYTHING, is_held, lock_paces
from publisher.delivery.strikes import free
from publisher.delivery.turns import PACED
from publisher.editions.models import DeliveryRow, DeliveryState
from publisher.errors import InvalidInputError, NotFoundError, RefusedError
from publisher.mail.dkim_names import domain_name

MOST_PER_MINUTE = 10_000_000
MOST_CONNECTIONS = 50
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class NewPace:
    """What changes: None leaves as it is, 0 takes a limit away.

    `per_minute` counts messages, `connections` those of one worker process, `warm_up` the
    messages of the first day, which is today.
    """

    per_minute: int | None = None
    connections: int | None = None
    warm_up: int | None = None


def set_pace(
    session: Session, domain: str, new: NewPace, *, by: Actor, now: datetime
) -> DestinationRow | None:
    """Limit the mail to a domain, or to all together (`*`); None where no limit is left.

    Who waits for their moment there is looked at again, by the new limits. Raises
    InvalidInputError that says what would do.
    """
    _check(domain, new)
    name = _name(domain)
    row = lock_paces(session, [name]).get(name) or DestinationRow(domain=name)
    if new.per_minute is not None:
        row.per_minute = new.per_minute or None
    if new.connections is not None:
        row.connections = new.connections or None
    if new.warm_up is not None:
        row.warm_up_first = new.warm_up
        row.warm_up_since = now.astimezone(UTC).date() if new.warm_up else None
    _begin_anew(session, row, now)
    detail = {"per_minute": row.per_minute, "connections": row.connections, "warm_up": new.warm_up}
    record(session, by, "destination.set", "destination", name[:64], at=now, **detail)
    if row.per_minute or row.connections or row.warm_up_since or row.strikes:
        session.add(row)
        session.flush()
        return row
    if row in session:
        session.delete(row)
    return None


def release(session: Session, domain: str, *, by: Actor, now: datetime) -> DestinationRow:
    """Take a hold back: who waits for its end is mailed by the next sweep.

    Raises NotFoundError for a domain without a pace, RefusedError for one that is not held.
    """
    name = _name(domain)
    row = lock_paces(session, [name]).get(name)
    if row is None:
        raise NotFoundError("held destination", name)
    if not is_held(row, now):
        raise RefusedError(f"Mail to {name} is not held; there is nothing to release.")
    record(session, by, "destination.release", "destination", name[:64], at=now, reason=row.reason)
    _begin_anew(session, row, now)
    free(session, row)
    return row


def list_destinations(session: Session) -> Sequence[DestinationRow]:
    """Every destination with a limit or a hold, all mail together first, then by name."""
    return session.exec(select(DestinationRow).order_by(col(DestinationRow.domain))).all()


def held_destinations(
    session: Session, now: datetime, *, limit: int = MOST_SHOWN
) -> Sequence[DestinationRow]:
    """The destinations that mail is held for, the longest first."""
    statement = (
        select(DestinationRow)
        .where(col(DestinationRow.held_until) > now)
        .order_by(col(DestinationRow.held_until).desc(), col(DestinationRow.domain))
        .limit(limit)
    )
    return session.exec(statement).all()


def _begin_anew(session: Session, row: DestinationRow, now: datetime) -> None:
    """Moments given away under the old limits are void: their readers ask again at once."""
    row.free_at = None
    if row.day is not None and row.day > now.astimezone(UTC).date():
        row.day, row.day_count = None, 0
    if row.domain == EVERYTHING:
        return
    waiting = sa.select(col(SubscriberRow.id)).where(
        col(SubscriberRow.address).endswith(f"@{row.domain}", autoescape=True)
    )
    session.execute(
        sa.update(DeliveryRow)
        .where(
            col(DeliveryRow.next_at).is_not(None),
            col(DeliveryRow.state) == DeliveryState.DEFERRED,
            col(DeliveryRow.reason) == PACED,
            col(DeliveryRow.subscriber_id).in_(waiting),
        )
        .values(next_at=now, reason=None)
    )


def _check(domain: str, new: NewPace) -> None:
    if new == NewPace():
        raise InvalidInputError(
            "Say what is to change: messages a minute, connections, or the first day of a warm-up."
        )
    for name, value, most in (
        ("messages a minute", new.per_minute, MOST_PER_MINUTE),
        ("connections", new.connections, MOST_CONNECTIONS),
        ("messages on the first day", new.warm_up, MOST_PER_MINUTE),
    ):
        if value is not None and not 0 <= value <= most:
            raise InvalidInputError(f"The {name} must be 0 (no limit) to {most}.")
    if domain.strip() == EVERYTHING and new.connections:
        raise InvalidInputError(
            "The connections of all mail together are those to the relay: set "
            "PUBLISHER_SMTP_CONNECTIONS."
        )


def _name(domain: str) -> str:
    """The domain as the addresses of readers have it."""
    if domain.strip() == EVERYTHING:
        return EVERYTHING
    try:
        return domain_name(domain)
    except InvalidInputError:
        shown = "".join(letter for letter in domain[:80] if letter.isprintable())
        raise InvalidInputError(
            f"“{shown}” is not a domain; write what stands behind the @, like mail.example.org, "
            "or * for all mail together."
        ) from None
