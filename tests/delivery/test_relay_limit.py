"""A relay takes only so many connections: who has none does not call it away for who has."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from publisher.delivery.carrier import Carrier
from publisher.delivery.send import send_batch
from publisher.editions.commands import NewEdition
from publisher.editions.models import EditionState
from publisher.store import Runtime
from tests.delivery.relays import mailing, newsroom_of, relay_rows
from tests.mail.wire import Wire
from tests.world import World

READERS = 3


class Narrow(Wire):
    """A server that takes one connection at a time."""

    def __init__(self) -> None:
        self._room = threading.Semaphore(1)
        super().__init__(lambda _verb, _line: None)

    def _talk(self, client: socket.socket) -> None:
        if not self._room.acquire(blocking=False):
            with client:
                client.sendall(b"421 4.7.0 too many connections\r\n")
            return
        try:
            super()._talk(client)
        finally:
            self._room.release()


@pytest.fixture
def newsroom(runtime: Runtime) -> World:
    """A few readers and two stories for them."""
    world = newsroom_of(runtime, READERS)
    world.story("regatta")
    return world


def test_who_has_a_line_goes_on_when_another_gets_none(newsroom: World) -> None:
    with _narrow() as server, _over(newsroom, server) as world:
        first, second, third = _editions(world)
        world.send_all(first)
        _send_as_another(world, second)
        assert [row.failures for row in relay_rows(world).values()] == [1]

        world.send_all(third)

    assert world.row(third).state == EditionState.SENT
    assert relay_rows(world) == {}
    assert len(server.kept) == 2 * READERS


def test_who_lost_the_line_meanwhile_believes_the_others(newsroom: World) -> None:
    with _narrow() as server, _over(newsroom, server) as world:
        first, second, third = _editions(world)
        world.send_all(first)
        _send_as_another(world, second)
        world.carrier.hang_up()

        world.send_all(third)

    assert world.report(third).queued == READERS
    assert len(server.kept) == READERS


def _editions(world: World) -> list[int]:
    return [world.edition(NewEdition("briefing", stories=[world.story(name)])) for name in "abc"]


def _send_as_another(world: World, edition: int) -> None:
    other = Carrier(world.runtime)
    send_batch(other, edition, 0)
    other.hang_up()
    assert world.report(edition).queued == READERS


def _over(world: World, server: Wire) -> object:
    return mailing(world, smtp_host="127.0.0.1", smtp_port=server.port, smtp_connections=1)


@contextmanager
def _narrow() -> Iterator[Wire]:
    server = Narrow()
    try:
        yield server
    finally:
        server.stop()
