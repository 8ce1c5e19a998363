"""Editions with every kind of outcome, written straight into the rows."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import SubscriberRow, SubscriberState
from publisher.delivery.proof.prove import Proof, prove, signed
from publisher.delivery.proof.table import reader_rows
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow, EditionState
from tests.world import World

S = DeliveryState
ADDRESSES = {
    "ada": "ada@big.example",
    "ben": "ben@big.example",
    "cy": "cy@big.example",
    "dot": "dot@small.example",
    "eli": "eli@small.example",
    "fay": "fay@tiny.example",
    "gus": "gus@tiny.example",
}
OUTCOMES: Mapping[str, Mapping[str, Any]] = {
    "ada": {"state": S.ACCEPTED, "code": 250, "attempts": 1},
    "ben": {"state": S.ACCEPTED, "code": 250, "attempts": 2},
    "cy": {"state": S.REFUSED, "reason": "no_such_reader", "code": 550, "attempts": 1},
    "dot": {"state": S.DEFERRED, "code": 451, "attempts": 1},
    "eli": {"state": S.UNCERTAIN, "attempts": 1},
    "fay": {"state": S.WITHDRAWN, "reason": "unsubscribed"},
    "gus": {"state": S.QUEUED},
}


def mixed_edition(world: World) -> int:
    """One reader in each state, two accepted, one left out; over but for the one still queued."""
    world.newsletter()
    for name in ADDRESSES:
        world.reader(name)
    world.reader("hal", sections=["sport"])
    world.story("ferry")
    world.story("market")
    edition = world.digest()
    with world.runtime.sessions.begin() as session:
        for seconds, (name, address) in enumerate(ADDRESSES.items(), start=1):
            reader = move(session, name, address)
            at = world.now + timedelta(seconds=10 * seconds)
            mine = col(DeliveryRow.subscriber_id) == reader
            when = None if name == "gus" else at
            session.execute(sa.update(DeliveryRow).where(mine).values(at=when, **OUTCOMES[name]))
    return edition


def move(session: Session, name: str, address: str | None) -> int:
    """Give a reader another address; none where they are erased. Returns their number."""
    row = session.execute(
        sa.select(SubscriberRow).where(col(SubscriberRow.name) == name.title())
    ).scalar_one()
    row.address = address
    if address is None:
        row.state = SubscriberState.ERASED
    session.add(row)
    return row.id or 0


def finish(world: World, edition: int) -> None:
    """Call the edition sent, a minute and a half after it froze."""
    over = world.now + timedelta(seconds=90)
    with world.runtime.sessions.begin() as session:
        session.execute(
            sa.update(EditionRow)
            .where(col(EditionRow.id) == edition)
            .values(state=EditionState.SENT, finished_at=over)
        )


def crowd(world: World, edition: int, count: int, **outcome: Any) -> None:
    """So many deliveries more, of readers at as many domains as there are letters."""
    with world.runtime.sessions.begin() as session:
        model = session.execute(
            sa.select(DeliveryRow).where(col(DeliveryRow.edition_id) == edition).limit(1)
        ).scalar_one()
        first = 1 + session.execute(sa.select(sa.func.max(col(SubscriberRow.id)))).scalar_one()
        numbers = range(first, first + count)
        session.execute(sa.insert(SubscriberRow), [_person(number, world) for number in numbers])
        values = {"state": S.ACCEPTED, "code": 250, "attempts": 1, "at": world.now, **outcome}
        shared = {
            "edition_id": edition,
            "variant_id": model.variant_id,
            "batch_no": model.batch_no,
            **values,
        }
        session.execute(
            sa.insert(DeliveryRow), [{"subscriber_id": number, **shared} for number in numbers]
        )


def proof(world: World, edition: int) -> Proof:
    """The edition's proof."""
    with world.runtime.sessions.snapshot() as session:
        return prove(session, session.get_one(EditionRow, edition), secret=world.secret)


def file(world: World, edition: int) -> bytes:
    """The edition's signed report."""
    with world.runtime.sessions.snapshot() as session:
        return signed(session, session.get_one(EditionRow, edition), secret=world.secret)


def table(world: World, edition: int, *, addresses: bool = False) -> Sequence[dict[str, str]]:
    """The edition's table, a dictionary for each reader."""
    with world.runtime.sessions.snapshot() as session:
        row = session.get_one(EditionRow, edition)
        head, *rows = reader_rows(session, row, secret=world.secret, addresses=addresses)
        return [dict(zip(head, one, strict=True)) for one in rows]


def _person(number: int, world: World) -> dict[str, Any]:
    return {
        "id": number,
        "uuid": f"00000000-0000-7000-8000-{number:012}",
        "address": f"reader{number}@{chr(ord('a') + number % 26)}.example",
        "address_key": f"key {number}",
        "name": "",
        "language": "en",
        "state": SubscriberState.CONFIRMED,
        "created_at": world.now,
    }
