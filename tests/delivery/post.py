"""What tests of pace and refusals ask of a newsroom: paces, rows, and one sweep after another."""

from collections import Counter
from datetime import datetime, timedelta

from sqlmodel import col, select

from publisher.audience.models import SubscriberRow
from publisher.delivery.destinations import NewPace, set_pace
from publisher.delivery.models import DestinationRow
from publisher.delivery.sweep import sweep
from publisher.editions.models import DeliveryRow, DeliveryState
from tests.services.runtimes import Clock
from tests.world import EDITOR, World

SLOW = "slow.example"


def at_pace(world: World, domain: str = SLOW, **limits: int) -> None:
    """Give a domain a pace."""
    with world.runtime.sessions.begin() as session:
        set_pace(session, domain, NewPace(**limits), by=EDITOR, now=world.now)


def destination(world: World, domain: str = SLOW) -> DestinationRow | None:
    """The row of a domain."""
    with world.runtime.sessions.read() as session:
        return session.get(DestinationRow, domain)


def readers_at(world: World, domain: str, count: int, name: str = "reader") -> list[str]:
    """So many readers of one domain."""
    return [world.reader(f"{name}{number:03}", domain=domain) for number in range(count)]


def deliveries(world: World, edition: int) -> dict[str, DeliveryRow]:
    """The edition's rows by address."""
    statement = (
        select(SubscriberRow.address, DeliveryRow)
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == col(SubscriberRow.id))
        .where(DeliveryRow.edition_id == edition)
    )
    with world.runtime.sessions.read() as session:
        return {address or "": row for address, row in session.exec(statement)}


def reasons(world: World, edition: int) -> dict[str, str | None]:
    """Why each reader's delivery stands as it does."""
    return {address: row.reason for address, row in deliveries(world, edition).items()}


def states(world: World, edition: int) -> Counter[DeliveryState]:
    """How many deliveries are in each state."""
    return Counter(row.state for row in deliveries(world, edition).values())


def moments(world: World, edition: int) -> list[datetime]:
    """When those who wait are to go, in order."""
    rows = deliveries(world, edition).values()
    return sorted(row.next_at for row in rows if row.next_at is not None)


def pass_time(world: World, clock: Clock, edition: int, span: timedelta) -> None:
    """Some time passes; then the sweep and a worker do what is due."""
    clock.now += span
    sweep(world.runtime)
    world.send_all(edition)
