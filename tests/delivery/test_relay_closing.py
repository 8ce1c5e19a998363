"""A mail server that closes before it has heard of any message says nothing about a reader."""

import pytest

from publisher.delivery import send
from publisher.delivery.sweep import sweep
from publisher.editions.models import EditionState
from publisher.store import Runtime
from tests.delivery.relays import CLOSED, Weather, newsroom_of, over_one, over_two
from tests.mail.wire import Act
from tests.services.runtimes import Clock
from tests.world import World

READERS = 6
HANGS_UP = Act(b"", keep=False, hang_up=True)


@pytest.fixture
def newsroom(runtime: Runtime) -> World:
    """Six readers and a story."""
    return newsroom_of(runtime, READERS)


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Going round and round fails after a moment, not after two minutes."""
    monkeypatch.setattr(send, "TURN_S", 15.0)


def test_the_second_relay_has_them_all_at_once(newsroom: World) -> None:
    with over_two(newsroom, Weather(away="MAIL")) as (world, first, second):
        edition = world.digest()
        world.send_all(edition)

    assert (world.report(edition).accepted, world.report(edition).deferred) == (READERS, 0)
    assert world.row(edition).state == EditionState.SENT
    assert (len(first.kept), len(second.kept)) == (0, READERS)


def test_with_one_relay_they_stay_in_the_queue(newsroom: World) -> None:
    with over_one(newsroom, Weather(away="MAIL")) as (world, _):
        edition = world.digest()
        world.send_all(edition)

    assert (world.report(edition).queued, world.report(edition).deferred) == (READERS, 0)
    assert "421 4.3.2 closed for now" in (world.row(edition).reason or "")


def test_one_message_a_connection_is_enough_to_get_on(newsroom: World) -> None:
    with over_one(newsroom, _OneEach(), smtp_connections=1) as (world, server):
        edition = world.digest()
        world.send_all(edition)

    assert (len(server.kept), len(set(server.kept))) == (READERS, READERS)
    assert world.report(edition).accepted == READERS


def test_whoever_always_has_the_line_cut_is_tried_again_later_and_not_at_once(
    newsroom: World, clock: Clock
) -> None:
    cut = _Cuts("reader0003")
    with over_one(newsroom, cut) as (world, _):
        edition = world.digest()
        world.send_all(edition)
        report = world.report(edition)
        assert (report.accepted, report.deferred) == (READERS - 1, 1)
        assert cut.times <= 3
        _later(world, clock, edition)
        assert (world.report(edition).deferred, world.row(edition).reason) == (1, None)
        clock.advance(days=2)
        _later(world, clock, edition)

    assert (world.report(edition).refused, world.row(edition).state) == (1, EditionState.SENT)


@pytest.mark.parametrize("act", [CLOSED, HANGS_UP], ids=["said", "unsaid"])
def test_the_last_reader_alone_does_not_make_it_go_round(
    runtime: Runtime, clock: Clock, act: Act
) -> None:
    cut = _Cuts("FROM", act)
    with over_one(newsroom_of(runtime, 1), cut) as (world, server):
        edition = world.digest()
        world.send_all(edition)
        assert (world.report(edition).deferred, cut.times) == (1, 2)
        cut.name = "nothing"
        _later(world, clock, edition)

    assert len(server.kept) == 1
    assert world.row(edition).state == EditionState.SENT


def _later(world: World, clock: Clock, edition: int) -> None:
    clock.advance(hours=1)
    sweep(world.runtime)
    world.send_all(edition)


class _OneEach:
    """Takes one message over a connection and closes at the next."""

    def __init__(self) -> None:
        self._taken = 0

    def __call__(self, verb: str, _line: str) -> Act | None:
        self._taken += verb == "."
        if verb != "MAIL" or not self._taken:
            return None
        self._taken = 0
        return CLOSED


class _Cuts:
    """Cuts the line at every MAIL or RCPT that has `name` in it."""

    def __init__(self, name: str, act: Act = HANGS_UP) -> None:
        self.times = 0
        self.name = name
        self._act = act

    def __call__(self, verb: str, line: str) -> Act | None:
        if verb not in {"MAIL", "RCPT"} or self.name not in line:
            return None
        self.times += 1
        return self._act
