"""Whose turn it is: readers of slow destinations wait for their moment, the others go on.

Who has to wait leaves the batch as `deferred`, with the reason `paced` and a moment of their own.
The sweep brings them back then, and they go without asking again, unless the destination is held.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, groupby, repeat

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.delivery.claim import Claim
from publisher.delivery.models import DestinationRow
from publisher.delivery.pace import (
    EVERYTHING,
    LEEWAY,
    book,
    first_moment,
    is_held,
    is_slowed,
    lock_paces,
    midnight_before,
)
from publisher.delivery.reader import Reader
from publisher.editions.give_up import STATE, unless_in_doubt
from publisher.editions.models import DeliveryRow, DeliveryState

PACED = "paced"
# Its moment passed while its edition was paused or quiet: earlier today, and on an earlier UTC day.
LATE, MISSED = "late", "missed"
TOO_OLD = "too_old"
PATIENCE = timedelta(seconds=5)
TURN_LASTS = timedelta(minutes=1)  # a sweep that runs every few seconds is never so late
_LOOK_S = 0.1
SAID_TOO_OLD = "Its turn had not come before it was too old: mail to its domain goes slowly."


@dataclass(frozen=True, slots=True)
class Group:
    """Readers of one destination, to be mailed over at most so many lines of a process."""

    most: int
    readers: Sequence[Reader]


@dataclass(frozen=True, slots=True)
class Turn:
    """Who of a window goes now, once `wait_s` seconds have passed; `groups` are some of them.

    With `not_before` nobody does: all mail together has to wait longer than a worker sits still.
    """

    readers: Sequence[Reader]
    groups: Sequence[Group] = ()
    wait_s: float = 0.0
    not_before: datetime | None = None


@dataclass(slots=True)
class _Sorted:
    """Readers that go, and those that do not: until when they wait, None for too old."""

    put_off: list[tuple[Reader, datetime | None]] = field(default_factory=list)
    waiting: list[Reader] = field(default_factory=list)

    def those_who_go(self, readers: Iterable[Reader]) -> list[Reader]:
        stay = {reader.subscriber_id for reader, _ in self.put_off}
        return [reader for reader in readers if reader.subscriber_id not in stay]


def take_turns(
    session: Session, claim: Claim, readers: Sequence[Reader], *, now: datetime, last: datetime
) -> Turn:
    """Let those of the readers go whose moment has come, and put the others off.

    `last` is when their edition is too old to be sent. Before that, and where no destination has
    a pace, everybody goes, and this need not be asked.
    """
    rows = _rows(session, readers, now)
    if not rows and now < last:
        return Turn(readers)
    overall = rows.pop(EVERYTHING, None)
    if overall is not None:
        first = first_moment(overall, now)
        if first > now + PATIENCE:
            return Turn((), not_before=first)
        readers = readers[: _share(overall, len(readers), now)]
    found = _sort(readers, rows, now, last)
    _write(session, claim, found, now)
    going = found.those_who_go(readers)
    wait = _book_all(session, overall, len(going), now)
    return Turn(going, _groups(going, rows), wait.total_seconds())


def reason_when_due(now: datetime) -> sa.ColumnElement[str | None]:
    """The reason of a delivery that was put off and is due: whether it still has its turn."""
    paced = col(DeliveryRow.reason) == PACED
    return sa.case(
        (sa.and_(paced, col(DeliveryRow.next_at) < midnight_before(now)), MISSED),
        (sa.and_(paced, col(DeliveryRow.next_at) < now - TURN_LASTS), LATE),
        else_=col(DeliveryRow.reason),
    )


def wait(seconds: float, may_go_on: Callable[[], bool]) -> None:
    """Sit still until a window's moment, as long as one may."""
    until = time.monotonic() + seconds
    while may_go_on() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_S))


def _rows(session: Session, readers: Sequence[Reader], now: datetime) -> dict[str, DestinationRow]:
    """The destinations of these readers that have a pace; locked where one is to be booked."""
    domains = {EVERYTHING, *(reader.domain for reader in readers)}
    statement = select(DestinationRow).where(col(DestinationRow.domain).in_(domains))
    rows = {row.domain: row for row in session.exec(statement)}
    if any(is_slowed(row, now) for row in rows.values()):
        return lock_paces(session, rows)
    return rows


def _share(overall: DestinationRow, wanted: int, now: datetime) -> int:
    """How many of one window may go together: a second's worth of all mail, one at least."""
    if overall.per_minute:
        wanted = min(wanted, max(1, overall.per_minute // 60))
    return len(book(overall.model_copy(), wanted, now, until=now + 2 * PATIENCE))


def _book_all(
    session: Session, overall: DestinationRow | None, count: int, now: datetime
) -> timedelta:
    """Book so many of all mail; how long until the first may go."""
    if overall is None or not count:
        return timedelta(0)
    moments = book(overall, count, now)
    session.add(overall)
    return moments[0] - now


def _sort(
    readers: Sequence[Reader], rows: Mapping[str, DestinationRow], now: datetime, last: datetime
) -> _Sorted:
    found = _Sorted()
    for reader in readers:
        row = rows.get(reader.domain)
        if reader.reason in {PACED, LATE, MISSED} and now >= last:
            found.put_off.append((reader, None))
        elif row is not None and _must_book(row, reader, now):
            found.waiting.append(reader)
    _give_moments(found, rows, now, last)
    return found


def _must_book(row: DestinationRow, reader: Reader, now: datetime) -> bool:
    """Whoever has had a moment booked goes without another, unless mail is held meanwhile.

    Those who could not take it go one by one again, where there is a rate; of a warm-up's day
    their place is kept.
    """
    if reader.reason == LATE:
        return is_held(row, now) or bool(row.per_minute)
    return is_held(row, now) or (reader.reason != PACED and is_slowed(row, now))


def _give_moments(
    found: _Sorted, rows: Mapping[str, DestinationRow], now: datetime, last: datetime
) -> None:
    for domain, waiting in groupby(sorted(found.waiting, key=_by_domain), key=_by_domain):
        readers = list(waiting)
        moments = book(rows[domain], len(readers), now, until=max(last, now + LEEWAY))
        none_left = last if last > now else None
        for reader, moment in zip(readers, chain(moments, repeat(none_left)), strict=False):
            if moment is None or moment > now + LEEWAY:
                found.put_off.append((reader, moment))


def _by_domain(reader: Reader) -> str:
    return reader.domain


def _write(session: Session, claim: Claim, found: _Sorted, now: datetime) -> None:
    """Deferred until their moment; refused, where there is none in time.

    Those who go now keep their place, too, should the relay not take them this time.
    """
    if not found.put_off and not found.waiting:
        return
    table = DeliveryRow.__table__  # type: ignore[attr-defined]
    statement = sa.update(table).where(
        table.c.edition_id == claim.edition_id,
        table.c.batch_no == claim.no,
        table.c.subscriber_id == sa.bindparam("reader"),
        table.c.state == DeliveryState.QUEUED,
    )
    later = [
        {"reader": one.subscriber_id, "moment": moment} for one, moment in found.put_off if moment
    ]
    never = [{"reader": one.subscriber_id} for one, moment in found.put_off if not moment]
    booked = [{"reader": one.subscriber_id} for one in found.those_who_go(found.waiting)]
    deferred = statement.values(
        state=DeliveryState.DEFERRED, reason=PACED, next_at=sa.bindparam("moment"), at=now
    )
    too_late = unless_in_doubt(sa.literal(DeliveryState.REFUSED, STATE))
    refused = statement.values(state=too_late, reason=TOO_OLD, reply=SAID_TOO_OLD, at=now)
    for act, rows in (
        (deferred, later),
        (refused, never),
        (statement.values(reason=PACED), booked),
    ):
        if rows:
            session.connection().execute(act, rows)


def _groups(going: Sequence[Reader], rows: Mapping[str, DestinationRow]) -> list[Group]:
    """The readers of each destination that takes only so many connections."""
    return [
        Group(row.connections, readers)
        for domain, row in sorted(rows.items())
        if row.connections and (readers := [reader for reader in going if reader.domain == domain])
    ]
