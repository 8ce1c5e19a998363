"""Mail servers that go away and come back, and a newsroom that mails over them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import select

from publisher.delivery.models import RelayRow
from publisher.store import Runtime
from tests.mail.wire import Act, Wire, wire
from tests.world import World

CLOSED = Act(b"421 4.3.2 closed for now\r\n", keep=False, hang_up=True)


class Weather:
    """Directs a server: while `away` is set, it turns everybody away at that command."""

    def __init__(self, away: str | None = None) -> None:
        self.away = away
        self.asked = 0

    def __call__(self, verb: str, _line: str) -> Act | None:
        if self.away is None or verb != self.away:
            return None
        self.asked += 1
        return CLOSED


def newsroom_of(runtime: Runtime, readers: int) -> World:
    """A newsroom with so many readers and a story."""
    world = World(runtime)
    world.newsletter()
    world.readers(readers)
    world.story("ferry")
    return world


@contextmanager
def over_one(world: World, weather: Weather, **settings: object) -> Iterator[tuple[World, Wire]]:
    """The newsroom with one mail server."""
    with wire(weather) as server:
        relay = {"smtp_host": "127.0.0.1", "smtp_port": server.port}
        with mailing(world, **{**relay, **settings}) as newsroom:
            yield newsroom, server


@contextmanager
def over_two(
    world: World, weather: Weather, other: Weather | None = None
) -> Iterator[tuple[World, Wire, Wire]]:
    """The newsroom with a mail server and a second one behind it."""
    with wire(weather) as first, wire(other or Weather()) as second:
        relays = {
            "smtp_host": "127.0.0.1",
            "smtp_port": first.port,
            "smtp_fallback_host": "127.0.0.1",
            "smtp_fallback_port": second.port,
        }
        with mailing(world, **relays) as newsroom:
            yield newsroom, first, second


@contextmanager
def mailing(world: World, **settings: object) -> Iterator[World]:
    """The same newsroom with other settings."""
    quick = {"smtp_timeout": 5.0, "smtp_connections": 2}
    changed = world.runtime.settings.model_copy(update={**quick, **settings})
    newsroom = World(Runtime(changed, world.runtime.sessions, world.runtime.clock))
    try:
        yield newsroom
    finally:
        newsroom.carrier.hang_up()


def relay_rows(world: World) -> dict[str, RelayRow]:
    """What is held against each relay, by place."""
    with world.runtime.sessions.read() as session:
        return {row.name: row for row in session.exec(select(RelayRow))}
