"""How the relays do, as all workers see it: one row for each that is in trouble.

No row: it does well. `not_before` set: it is away, and the sweep tries it again then. None: it
answered again and is on probation, until it serves (the row goes) or fails once more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.delivery.models import RelayRow
from publisher.mail.smtp import Relay
from publisher.store.locks import lock_name

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=5)
MOST_FAILURES = 3

_ANY = sa.select(sa.literal(1)).select_from(RelayRow).limit(1)


@dataclass(frozen=True, slots=True)
class NoRelay:
    """No relay can be had: why, since how many tries, and when the next one is made."""

    reason: str
    failures: int
    next_at: datetime

    @property
    def lasting(self) -> bool:
        """Whether it failed so often that editions are paused."""
        return self.failures >= MOST_FAILURES


def rows_of(session: Session, relays: Iterable[Relay]) -> Mapping[str, RelayRow]:
    """The relays that are in trouble or on probation, by place; mostly none."""
    if session.connection().execute(_ANY).first() is None:
        return {}
    statement = select(RelayRow).where(col(RelayRow.name).in_({relay.place for relay in relays}))
    rows = session.exec(statement.execution_options(populate_existing=True)).all()
    return {row.name: row for row in rows}


def no_relay(session: Session, relays: Sequence[Relay]) -> NoRelay | None:
    """Whether every relay is away; None while one can be tried."""
    rows = rows_of(session, relays)
    found = [rows[relay.place] for relay in relays if relay.place in rows]
    times = [row.not_before for row in found if row.not_before is not None]
    if len(times) < len(relays):
        return None
    return NoRelay(
        reason=" ".join(dict.fromkeys(row.reason or "" for row in found)),
        failures=min(row.failures for row in found),
        next_at=min(times),
    )


def note_failure(session: Session, place: str, reason: str, now: datetime) -> None:
    """The relay cannot be had; workers who find that out at the same time count as one."""
    lock_name(session, "relays")
    row = session.get(RelayRow, place, populate_existing=True)
    if row is None:
        row = RelayRow(name=place)
        session.add(row)
    elif row.not_before is not None:
        return
    _failed(row, reason, now)
    session.flush()


def note_success(session: Session, place: str) -> None:
    """The relay serves: nothing is held against it any more."""
    session.execute(sa.delete(RelayRow).where(col(RelayRow.name) == place))


def note_probe(session: Session, place: str, reason: str, now: datetime) -> None:
    """The sweep tried the relay: `reason` says why in vain, and is empty where it answered."""
    row = session.get(RelayRow, place, populate_existing=True)
    if row is None:
        return
    if reason:
        _failed(row, reason, now)
    else:
        row.not_before = None


def take_probe(session: Session, place: str, until: datetime, now: datetime) -> bool:
    """Be the one who tries this relay, if it is due; nobody else does so before `until`."""
    statement = (
        sa.update(RelayRow)
        .where(col(RelayRow.name) == place, col(RelayRow.not_before) <= now)
        .values(not_before=until)
    )
    return session.connection().execute(statement).rowcount == 1


def try_at_once(session: Session, now: datetime) -> None:
    """Have the next sweep try every relay that is away."""
    session.execute(
        sa.update(RelayRow).where(col(RelayRow.not_before) > now).values(not_before=now)
    )


def wait_after(failures: int) -> timedelta:
    """How long to leave a relay alone: half a minute twice, then doubling to five minutes."""
    return min(FIRST_WAIT * 2.0 ** max(0, min(failures - 2, 10)), LONGEST_WAIT)


def _failed(row: RelayRow, reason: str, now: datetime) -> None:
    row.failures += 1
    row.not_before = now + wait_after(row.failures)
    row.reason = reason[:500]
