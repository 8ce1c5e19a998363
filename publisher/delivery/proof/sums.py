"""Sums of an edition in several ways: by variant, by receiving domain, by reason, by reply code.

Each is one set-based statement, however many readers there are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import SubscriberRow
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow

MOST_DOMAINS = 25
ERASED = "(erased)"
UNKNOWN = "unknown"
EVERY_STATE = tuple(DeliveryState)
NAMES = ("deliveries", *(state.value for state in DeliveryState))
Tally = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Domains:
    """Deliveries by receiving domain, the largest first; `others` are those not named, summed.

    Readers who were erased have no domain any more: they stand together, at the end.
    """

    named: Mapping[str, Tally]
    others: Tally | None = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """How many deliveries, by state and then by our reason or the server's reply code."""

    reasons: Mapping[str, Mapping[str, int]]
    codes: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Timing:
    """First and last outcome; how many were accepted at the first try, and the last of these."""

    first_at: datetime | None
    last_at: datetime | None
    first_tries: int
    first_tries_until: datetime | None


def by_variant(session: Session, edition: EditionRow) -> dict[int, Tally]:
    """Deliveries by the variant's row."""
    variant = col(DeliveryRow.variant_id)
    statement = (
        sa.select(variant, sa.func.count(), *_each_state(col(DeliveryRow.state)).values())
        .where(_of(edition))
        .group_by(variant)
    )
    return {row[0]: _tally(row[1:]) for row in session.execute(statement)}


def by_domain(
    session: Session,
    edition: EditionRow,
    *,
    states: Collection[DeliveryState] = EVERY_STATE,
    most: int = MOST_DOMAINS,
) -> Domains:
    """Deliveries in one of `states` by the domain of the reader's address."""
    rows = session.execute(_largest(session, _domains(edition, states), most)).all()
    named = {row[0]: _tally(row[1 : 1 + len(NAMES)]) for row in rows}
    if ERASED in named:
        named[ERASED] = named.pop(ERASED)  # to the end
    if not rows or rows[0].domains == len(rows):
        return Domains(named)
    everybody = _tally(rows[0][-len(NAMES) :])
    others = {name: everybody[name] - sum(one[name] for one in named.values()) for name in NAMES}
    return Domains(named, {"domains": rows[0].domains - len(rows), **others})


def by_reason(
    session: Session, edition: EditionRow, *, states: Collection[DeliveryState] = EVERY_STATE
) -> Reasons:
    """Deliveries by state and reason, and by state and reply code.

    Refused ones always have a reason, if only “unknown”.
    """
    key = (col(DeliveryRow.state), col(DeliveryRow.reason), col(DeliveryRow.code))
    statement = (
        sa.select(*key, sa.func.count()).where(_of(edition), key[0].in_(states)).group_by(*key)
    )
    reasons: dict[str, dict[str, int]] = {}
    codes: dict[str, dict[str, int]] = {}
    for state, reason, code, count in session.execute(statement):
        if reason or state == DeliveryState.REFUSED:
            _add(reasons, state.value, reason or UNKNOWN, count)
        if code is not None:
            _add(codes, state.value, str(code), count)
    return Reasons(_sorted(reasons), _sorted(codes))


def timing(session: Session, edition: EditionRow) -> Timing:
    """When outcomes came."""
    at = col(DeliveryRow.at)
    first_try = sa.and_(
        col(DeliveryRow.state) == DeliveryState.ACCEPTED, col(DeliveryRow.attempts) == 1
    )
    statement = sa.select(
        sa.func.min(at),
        sa.func.max(at),
        sa.func.count().filter(first_try),
        sa.func.max(at).filter(first_try),
    ).where(_of(edition))
    return Timing(*session.execute(statement).one())


def domain_of(address: sa.SQLColumnExpression[str | None]) -> sa.ColumnElement[str]:
    """What follows the last @ of an address, by means that both databases have."""
    until_it = sa.func.rtrim(address, sa.func.replace(address, "@", ""))
    domain = sa.func.lower(sa.func.substr(address, sa.func.length(until_it) + 1))
    return sa.case((address.is_(None), ERASED), else_=domain)


def _domains(edition: EditionRow, states: Collection[DeliveryState]) -> sa.Subquery:
    state = col(DeliveryRow.state)
    return (
        sa.select(domain_of(col(SubscriberRow.address)).label("domain"), state.label("state"))
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
        .where(_of(edition), state.in_(states))
        .subquery()
    )


def _largest(session: Session, rows: sa.Subquery, most: int) -> sa.Select[Any]:
    """The erased, then the largest domains; beside each the sums over all domains there are."""
    domains = (
        sa.select(
            rows.c.domain,
            sa.func.count().label(NAMES[0]),
            *(count.label(name) for name, count in _each_state(rows.c.state).items()),
        )
        .group_by(rows.c.domain)
        .subquery()
    )
    totals = [sa.func.sum(domains.c[name]).over().label(f"all_{name}") for name in NAMES]
    return (
        sa.select(domains, sa.func.count().over().label("domains"), *totals)
        .order_by(
            (domains.c.domain == ERASED).desc(),
            domains.c[NAMES[0]].desc(),
            sa.collate(domains.c.domain, _bytewise(session)),
        )
        .limit(most)
    )


def _bytewise(session: Session) -> str:
    """The order that no locale changes."""
    return "C" if session.get_bind().dialect.name == "postgresql" else "BINARY"


def _each_state(state: sa.SQLColumnExpression[Any]) -> dict[str, sa.ColumnElement[int]]:
    return {one.value: sa.func.count().filter(state == one) for one in DeliveryState}


def _of(edition: EditionRow) -> sa.ColumnElement[bool]:
    return col(DeliveryRow.edition_id) == edition.id


def _tally(counts: Sequence[Any]) -> dict[str, int]:
    return {name: int(count) for name, count in zip(NAMES, counts, strict=True)}


def _add(table: dict[str, dict[str, int]], state: str, name: str, count: int) -> None:
    counts = table.setdefault(state, {})
    counts[name] = counts.get(name, 0) + count


def _sorted(table: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {state: dict(sorted(counts.items())) for state, counts in sorted(table.items())}
