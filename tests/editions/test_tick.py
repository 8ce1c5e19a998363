"""The clock of the editions: plans, starts, skips what was missed; two clocks make one run."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from publisher.editions.commands import send
from publisher.editions.enlist import enlist
from publisher.editions.models import EditionRow, EditionState
from publisher.editions.tick import due_editions, tick
from publisher.errors import RefusedError
from tests.services.runtimes import Clock
from tests.world import EDITOR, World


def test_the_next_slot_is_planned_once_however_often_the_clock_ticks(world: World) -> None:
    world.newsletter(cadences=("daily",))

    for _ in range(3):
        _tick(world)

    (edition,) = _editions(world)
    assert edition.state == EditionState.SCHEDULED
    assert edition.due_at == datetime(2026, 3, 11, 7, tzinfo=UTC)


def test_a_slot_sends_what_became_eligible_five_minutes_before(world: World, clock: Clock) -> None:
    world.newsletter(cadences=("daily",))
    world.reader("ada")
    _tick(world)
    world.story("ferry")
    clock.now = datetime(2026, 3, 11, 6, 56, tzinfo=UTC)
    world.story("late")
    clock.now = datetime(2026, 3, 11, 7, tzinfo=UTC)

    number = _start(world)

    assert world.report(number).accepted + world.report(number).queued == 1
    assert len(world.stories_of(number)) == 1


def test_a_late_story_is_in_the_next_slot(world: World, clock: Clock) -> None:
    world.newsletter(cadences=("daily",))
    world.reader("ada")
    _tick(world)
    clock.now = datetime(2026, 3, 11, 6, 56, tzinfo=UTC)
    late = world.story("late")
    clock.now = datetime(2026, 3, 11, 7, tzinfo=UTC)
    assert world.row(_start(world)).state == EditionState.SKIPPED

    _tick(world)
    clock.now = datetime(2026, 3, 12, 7, tzinfo=UTC)

    assert world.stories_of(_start(world)) == [late]


def test_slots_missed_for_long_are_recorded_as_skipped_and_their_stories_carry_over(
    world: World, clock: Clock
) -> None:
    world.newsletter(cadences=("daily",))
    world.reader("ada")
    world.story("ferry")
    clock.now = datetime(2026, 3, 13, 9, tzinfo=UTC)

    _tick(world)

    states = [(one.due_at.day, one.state.value) for one in _editions(world) if one.due_at]
    assert states == [(11, "skipped"), (12, "skipped"), (13, "scheduled"), (14, "scheduled")]
    assert len(world.stories_of(_start(world))) == 1


def test_two_clocks_start_an_edition_once(world: World, clock: Clock) -> None:
    world.newsletter(cadences=("daily",))
    world.reader("ada")
    world.story("ferry")
    _tick(world)
    clock.now = datetime(2026, 3, 11, 7, tzinfo=UTC)
    number = _start(world)

    with world.runtime.sessions.begin() as session:
        assert enlist(session, number, clock.now) is None
    assert world.report(number).enlisted == 1


def test_a_story_goes_to_a_reader_of_two_newsletters_once(world: World, clock: Clock) -> None:
    world.newsletter(cadences=("daily",))
    world.newsletter("evening", cadences=("daily",), hour=19)
    world.reader("ada")
    world.reader("ada", "evening")
    world.story("ferry")
    _tick(world)
    clock.now = datetime(2026, 3, 10, 19, tzinfo=UTC)
    _start(world)
    clock.now = datetime(2026, 3, 11, 7, tzinfo=UTC)

    assert world.report(_start(world)).excluded == {"had_all": 1}


def _tick(world: World) -> None:
    with world.runtime.sessions.begin() as session:
        tick(session, world.now)


def _start(world: World) -> int:
    with world.runtime.sessions.begin() as session:
        (number,) = due_editions(session, world.now)
        enlist(session, number, world.now)
    return number


def _editions(world: World) -> list[EditionRow]:
    with world.runtime.sessions.read() as session:
        return list(session.exec(select(EditionRow).order_by(col(EditionRow.due_at))))


def test_a_slots_digest_is_not_sent_early(world: World) -> None:
    world.newsletter(cadences=("daily",))
    _tick(world)
    (edition,) = _editions(world)

    with (
        pytest.raises(RefusedError, match="goes out by itself"),
        world.runtime.sessions.begin() as session,
    ):
        send(session, edition, hold=timedelta(0), by=EDITOR, now=world.now)
