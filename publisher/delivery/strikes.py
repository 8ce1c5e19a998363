"""Holding mail to a destination that blocks us: longer each time, until it takes a message."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.accounts.actor import CLOCK, record
from publisher.audience.models import SubscriberRow
from publisher.delivery.models import DestinationRow
from publisher.delivery.pace import is_held, lock_paces

FIRST_HOLD = timedelta(minutes=5)
LONGEST_HOLD = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one message, as far as it concerns its destination."""

    subscriber_id: int
    accepted: bool
    blocked: bool
    said: str


@dataclass(slots=True)
class _Tally:
    accepted: int = 0
    blocked: Counter[str] = field(default_factory=Counter)


def heed(session: Session, heard: Sequence[Heard], now: datetime) -> None:
    """Hold the destinations that blocked more of a window than they took; free those that took.

    Not needed for a window that nobody blocked, while no destination is or was held.
    """
    tallies = _by_domain(session, heard)
    rows = lock_paces(session, tallies)
    for domain, tally in sorted(tallies.items()):
        row = rows.get(domain)
        if tally.blocked.total() > tally.accepted:
            _strike(session, row or DestinationRow(domain=domain), tally.blocked, now)
        elif tally.accepted and row is not None and row.strikes:
            free(session, row)


def free(session: Session, row: DestinationRow) -> None:
    """Take a hold back; a row that says nothing else goes."""
    row.held_until, row.strikes, row.reason = None, 0, None
    if row.per_minute or row.connections or row.warm_up_since:
        session.add(row)
    else:
        session.delete(row)
    session.flush()


def hold_of(strikes: int) -> timedelta:
    """How long to leave it alone after so many blocks before: 5 minutes, doubling to 4 hours."""
    return min(FIRST_HOLD * (1 << min(strikes, 10)), LONGEST_HOLD)


def _strike(session: Session, row: DestinationRow, said: Counter[str], now: datetime) -> None:
    """Once for each hold: what other workers had under way meanwhile adds nothing."""
    if is_held(row, now):
        return
    row.held_until = now + hold_of(row.strikes)
    row.strikes += 1
    row.reason = said.most_common(1)[0][0][:200]
    session.add(row)
    session.flush()
    record(
        session, CLOCK, "destination.hold", "destination", row.domain, at=now, reason=row.reason,
        until=row.held_until.isoformat(),
    )  # fmt: skip


def _by_domain(session: Session, heard: Sequence[Heard]) -> Mapping[str, _Tally]:
    domains = _domains(session, (one.subscriber_id for one in heard))
    tallies: dict[str, _Tally] = {}
    for one in heard:
        if domain := domains.get(one.subscriber_id):
            tally = tallies.setdefault(domain, _Tally())
            tally.accepted += one.accepted
            tally.blocked.update([one.said] if one.blocked else [])
    return tallies


def _domains(session: Session, subscriber_ids: Iterable[int]) -> dict[int, str]:
    statement = sa.select(col(SubscriberRow.id), col(SubscriberRow.address)).where(
        col(SubscriberRow.id).in_(list(subscriber_ids)), col(SubscriberRow.address).is_not(None)
    )
    return {who: address.rpartition("@")[2] for who, address in session.execute(statement)}
