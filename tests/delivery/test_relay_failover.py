"""A second relay takes over while the first is away, and gives way when that is back."""

import pytest

from publisher.delivery.sweep import sweep
from publisher.editions.models import EditionState
from publisher.store import Runtime
from tests.delivery.relays import Weather, mailing, newsroom_of, over_two, relay_rows
from tests.mail.wire import Act, wire
from tests.services.runtimes import Clock
from tests.world import World

READERS = 6


@pytest.fixture
def newsroom(runtime: Runtime) -> World:
    """Six readers and a story."""
    return newsroom_of(runtime, READERS)


@pytest.mark.parametrize("moment", ["", "EHLO"])
def test_nobody_notices_that_the_first_relay_is_away(newsroom: World, moment: str) -> None:
    with over_two(newsroom, Weather(away=moment)) as (world, first, second):
        edition = world.digest()
        world.send_all(edition)

    assert (world.row(edition).state, world.row(edition).reason) == (EditionState.SENT, None)
    assert (len(first.kept), len(set(second.kept)), len(second.kept)) == (0, READERS, READERS)
    assert list(relay_rows(world)) == [f"127.0.0.1:{first.port}"]


def test_a_relay_that_hangs_up_on_every_message_is_left_for_the_second(
    newsroom: World, clock: Clock
) -> None:
    weather = Weather(away="MAIL")
    with over_two(newsroom, weather) as (world, first, second):
        edition = world.digest()
        world.send_all(edition)
        assert (world.report(edition).accepted, len(first.kept)) == (len(second.kept), 0)
        assert world.report(edition).deferred <= 4
        weather.away = None
        _settle(world, clock, edition)

    assert world.row(edition).state == EditionState.SENT
    assert sorted(first.kept + second.kept) == sorted({*first.kept, *second.kept})
    assert len(first.kept + second.kept) == READERS


def test_a_port_where_nobody_listens_is_passed_over(newsroom: World) -> None:
    with wire() as gone:
        pass
    with wire() as second:
        relays = {"smtp_host": "127.0.0.1", "smtp_port": gone.port}
        fallback = {"smtp_fallback_host": "127.0.0.1", "smtp_fallback_port": second.port}
        with mailing(newsroom, **relays, **fallback) as world:
            edition = world.digest()
            world.send_all(edition)

    assert world.row(edition).state == EditionState.SENT
    assert len(second.kept) == READERS
    assert "is not listening" in (relay_rows(world)[f"127.0.0.1:{gone.port}"].reason or "")


def test_a_relay_that_goes_in_the_middle_leaves_the_rest_to_the_second(
    newsroom: World, clock: Clock
) -> None:
    first = _GoesAfter(3)
    with over_two(newsroom, first) as (world, one, other):
        edition = world.digest()
        _settle(world, clock, edition)

    assert world.row(edition).state == EditionState.SENT
    assert (len(one.kept), len(other.kept)) == (3, READERS - 3)
    assert len({*one.kept, *other.kept}) == READERS


def test_the_first_relay_is_taken_back_when_it_answers_again(newsroom: World, clock: Clock) -> None:
    weather = Weather(away="")
    with over_two(newsroom, weather) as (world, first, second):
        world.send_all(world.digest())
        weather.away = None
        clock.advance(seconds=29)
        sweep(world.runtime)
        assert relay_rows(world)
        assert first.heard == []
        clock.advance(seconds=2)
        sweep(world.runtime)
        clock.advance(days=1)
        world.story("pier")
        world.send_all(world.digest())

    assert (len(first.kept), len(second.kept)) == (READERS, READERS)
    assert second.heard.count("QUIT") >= 1
    assert relay_rows(world) == {}


def test_letters_and_other_workers_know_at_once_which_relay_to_use(newsroom: World) -> None:
    weather = Weather(away="")
    with over_two(newsroom, weather) as (world, _first, second):
        world.send_all(world.digest())
        asked = weather.asked
        other = World(world.runtime)
        other.newsletter("evening")
        other.reader("ada", "evening")
        other.send_all(other.digest("evening"))
        other.carrier.hang_up()

    assert weather.asked == asked
    assert second.kept.count("ada@reader.example") == 1


def _settle(world: World, clock: Clock, edition: int) -> None:
    """Send it; whoever was on the way when a line broke is asked again later."""
    world.send_all(edition)
    for _ in range(3):
        clock.advance(minutes=20)
        sweep(world.runtime)
        world.send_all(edition)


class _GoesAfter(Weather):
    """Turns everybody away once it has taken so many messages."""

    def __init__(self, messages: int) -> None:
        super().__init__()
        self._left = messages

    def __call__(self, verb: str, _line: str) -> Act | None:
        if verb == "." and self._left:
            self._left -= 1
            return None
        if verb in {"DATA", "."} and not self._left:
            self.away = "DATA"
        if self.away is None:
            return None
        return Act(b"421 4.3.2 bye\r\n", keep=False, hang_up=True)
