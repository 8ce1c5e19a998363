"""News of articles: each room deals with it once, and what lacks a receipt is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from publisher.newsroom.acts import hold, kill
from publisher.newsroom.events import ROOMS, newest_event, take, unanswered
from publisher.newsroom.models import ArticleEventRow
from tests.newsroom.desk import Desk, story
from tests.services.runtimes import Clock


def test_a_room_takes_an_event_once(desk: Desk) -> None:
    desk.take(story())
    taken = [_take(desk, 1, "feeds") for _ in range(3)]
    assert [event is not None for event in taken] == [True, False, False]
    assert taken[0] == desk.events()[0]


def test_each_room_takes_it_for_itself(desk: Desk) -> None:
    desk.take(story())
    assert all(_take(desk, 1, room) is not None for room in ROOMS)


def test_a_room_takes_an_event_once_from_many_workers_at_once(desk: Desk) -> None:
    desk.take(story())
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda _: _take(desk, 1, "feeds"), range(6)))
    assert sum(event is not None for event in taken) == 1


def test_a_receipt_is_undone_with_the_work_it_stands_for(desk: Desk) -> None:
    desk.take(story())
    with pytest.raises(RuntimeError):
        _take_and_fail(desk)
    assert _take(desk, 1, "feeds") is not None


def test_what_lacks_a_receipt_of_some_room_is_found_oldest_first(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    desk.act(hold, "Checking.")
    desk.act(kill, "Wrong.")
    clock.advance(minutes=1)
    for room in ROOMS:
        _take(desk, 1, room)
    _take(desk, 2, "feeds")
    assert _unanswered(desk) == [2, 3]
    for room in ROOMS:
        _take(desk, 2, room)
        _take(desk, 3, room)
    assert _unanswered(desk) == []


def test_what_has_just_happened_is_left_to_its_own_hint(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    assert _unanswered(desk) == []
    clock.advance(microseconds=1)
    assert _unanswered(desk) == [1]


def test_a_limit_takes_the_oldest(desk: Desk, clock: Clock) -> None:
    for number in range(4):
        desk.take(story(f"story-{number}"))
    clock.advance(minutes=1)
    with desk.runtime.sessions.read() as session:
        found = list(unanswered(session, before=desk.now, limit=2))
    assert found == [1, 2]


def test_the_newest_event_is_known_even_where_there_is_none(desk: Desk) -> None:
    with desk.runtime.sessions.read() as session:
        assert newest_event(session) == 0
    desk.take(story())
    desk.act(hold, "Checking.")
    with desk.runtime.sessions.read() as session:
        assert newest_event(session) == 2


def test_an_event_says_which_version_it_was_about(desk: Desk) -> None:
    desk.take(story())
    desk.take(story(title="Ferry turns back"))
    assert [event.version for event in desk.events()] == [1, 2]


def _take(desk: Desk, event_id: int, room: str) -> ArticleEventRow | None:
    with desk.runtime.sessions.begin() as session:
        return take(session, event_id, room, desk.now)


def _take_and_fail(desk: Desk) -> None:
    with desk.runtime.sessions.begin() as session:
        take(session, 1, "feeds", desk.now)
        raise RuntimeError


def _unanswered(desk: Desk) -> list[int]:
    with desk.runtime.sessions.read() as session:
        return list(unanswered(session, before=desk.now - timedelta(0)))
