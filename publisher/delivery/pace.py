"""The pace of a destination: a moment for each message, kept in one row that all workers share.

The rate is GCRA (the virtual scheduling of ITU-T I.371): `free_at` is when the next message may
go, each one booked moves it on by one interval, and time that nobody used is not saved up. A
message whose moment is at most `LEEWAY` away goes at once, which is the burst: within any span t
no more than rate · (t + LEEWAY) + 1 messages are let go.

A warm-up counts the messages of a UTC day: so many on the first, twice as many on each day after
it. `day` and `day_count` run ahead of the clock like `free_at` does.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from sqlmodel import Session, col, select

from publisher.delivery.models import DestinationRow
from publisher.store.locks import lock_name

EVERYTHING = "*"
LEEWAY = timedelta(seconds=5)
WARM_UP_DAYS = 30  # by then it is a billion times the first day's

_MINUTE = timedelta(minutes=1)


def lock_paces(session: Session, domains: Iterable[str]) -> dict[str, DestinationRow]:
    """The rows of these domains as they are now, nobody else's to change until the end.

    One lock for all of them, so that two workers never wait for each other's rows.
    """
    lock_name(session, "destinations")
    statement = select(DestinationRow).where(col(DestinationRow.domain).in_(set(domains)))
    rows = session.exec(statement.execution_options(populate_existing=True)).all()
    return {row.domain: row for row in rows}


def reserve(
    session: Session, domain: str, count: int, now: datetime, *, until: datetime | None = None
) -> list[datetime]:
    """Moments for so many messages to a domain, in order; a moment not after `now` is now.

    Fewer where the rest would come after `until`: those keep no place. For a domain without a
    pace every moment is now.
    """
    row = lock_paces(session, [domain]).get(domain)
    if row is None:
        return [now] * count
    moments = book(row, count, now, until=until)
    session.add(row)
    return moments


def book(
    row: DestinationRow, count: int, now: datetime, *, until: datetime | None = None
) -> list[datetime]:
    """As `reserve`, in a row at hand; it is changed and not yet written."""
    moments: list[datetime] = []
    for _ in range(count):
        before = row.free_at, row.day, row.day_count
        moment = _next_moment(row, now)
        if until is not None and moment > until:
            row.free_at, row.day, row.day_count = before
            break
        moments.append(moment)
    return moments


def give_back(session: Session, count: int, now: datetime) -> None:
    """So many messages that were booked of all mail together did not go: they do not count today.

    Of a rate nothing is given back: the time has passed.
    """
    row = lock_paces(session, [EVERYTHING]).get(EVERYTHING) if count else None
    if row is not None and row.day == now.astimezone(UTC).date():
        row.day_count = max(0, row.day_count - count)
        session.add(row)


def first_moment(row: DestinationRow, now: datetime) -> datetime:
    """When the next message may go; nothing is booked."""
    return _next_moment(row.model_copy(), now)


def allowance(row: DestinationRow, now: datetime) -> int | None:
    """How many messages may go on the UTC day of `now`; None once no warm-up limits it."""
    if row.warm_up_since is None:
        return None
    days = (now.astimezone(UTC).date() - row.warm_up_since).days
    return None if days >= WARM_UP_DAYS else max(row.warm_up_first, 1) << max(days, 0)


def is_held(row: DestinationRow, now: datetime) -> bool:
    """Whether nothing may go there for now."""
    return row.held_until is not None and row.held_until > now


def is_slowed(row: DestinationRow, now: datetime) -> bool:
    """Whether messages there have to have a moment of their own."""
    return bool(row.per_minute) or is_held(row, now) or allowance(row, now) is not None


def midnight_before(moment: datetime) -> datetime:
    """The first moment of its UTC day."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), tzinfo=UTC)


def _next_moment(row: DestinationRow, now: datetime) -> datetime:
    moment = max(now, row.free_at or now, row.held_until or now)
    moment = _within_day(row, moment)
    if row.per_minute:
        row.free_at = moment + _MINUTE / row.per_minute
    return moment


def _within_day(row: DestinationRow, moment: datetime) -> datetime:
    """The moment, or the first of a later day that has room; the message is counted there."""
    while (most := allowance(row, moment)) is not None:
        today = moment.astimezone(UTC).date()
        if row.day is None or row.day < today:
            row.day, row.day_count = today, 0
        if row.day == today and row.day_count < most:
            row.day_count += 1
            break
        moment = _midnight(moment)
    return moment


def _midnight(moment: datetime) -> datetime:
    """The first moment of the next UTC day."""
    return midnight_before(moment) + timedelta(days=1)
