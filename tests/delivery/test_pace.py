"""A destination's pace: how many messages are let go, whoever asks and however often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.models import DestinationRow
from publisher.delivery.pace import LEEWAY, WARM_UP_DAYS, allowance, book, first_moment, reserve
from publisher.store import Runtime
from tests.services.runtimes import Clock

NOW = Clock().now
SLOW = "slow.example"


@given(
    per_minute=st.integers(1, 10_000),
    asked=st.lists(st.tuples(st.floats(0, 90), st.integers(0, 40)), max_size=12),
)
def test_no_span_lets_more_go_than_its_rate_and_the_burst(
    per_minute: int, asked: list[tuple[float, int]]
) -> None:
    row, now, gone = DestinationRow(domain=SLOW, per_minute=per_minute), NOW, []
    for passed, count in asked:
        now += timedelta(seconds=passed)
        gone += [_leaves(moment, now) for moment in book(row, count, now)]

    assert_rate(sorted(gone), per_minute)


@given(
    per_minute=st.integers(1, 6_000),
    asked=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 10)), min_size=1, max_size=10),
    patience=st.floats(0, 20),
)
def test_what_finds_no_place_in_time_takes_none(
    per_minute: int, asked: list[tuple[float, int]], patience: float
) -> None:
    row, now, moments = DestinationRow(domain=SLOW, per_minute=per_minute), NOW, []
    for passed, count in asked:
        now += timedelta(seconds=passed)
        until = now + timedelta(seconds=patience)
        booked = book(row, count, now, until=until)
        assert len(booked) <= count
        assert all(now <= moment <= until for moment in booked)
        assert len(booked) == count or first_moment(row, now) > until
        moments += booked

    interval = timedelta(minutes=1) / per_minute
    assert all(later - earlier >= interval for earlier, later in pairwise(moments))


@given(held_s=st.integers(1, 10_000), per_minute=st.none() | st.integers(1, 600))
def test_nothing_goes_while_it_is_held(held_s: int, per_minute: int | None) -> None:
    until = NOW + timedelta(seconds=held_s)
    row = DestinationRow(domain=SLOW, per_minute=per_minute, held_until=until)

    assert min(book(row, 5, NOW)) == until


@given(
    first=st.integers(1, 50),
    asked=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 120)), max_size=12),
)
def test_a_warm_up_lets_twice_as_many_go_each_day(first: int, asked: list[tuple[int, int]]) -> None:
    row = DestinationRow(domain=SLOW, warm_up_since=NOW.date(), warm_up_first=first)
    now, days = NOW, dict[date, int]()
    for hours, count in asked:
        now += timedelta(hours=hours)
        for moment in book(row, count, now):
            assert moment >= now
            days[moment.date()] = days.get(moment.date(), 0) + 1

    for day, count in days.items():
        assert count <= first * 2 ** (day - NOW.date()).days


def test_a_warm_up_fills_one_day_after_the_other_and_ends() -> None:
    row = DestinationRow(domain=SLOW, warm_up_since=NOW.date(), warm_up_first=2)
    next_day = datetime(2026, 3, 11, tzinfo=UTC)

    assert book(row, 7, NOW) == [NOW] * 2 + [next_day] * 4 + [next_day + timedelta(days=1)]
    assert allowance(row, NOW + timedelta(days=WARM_UP_DAYS)) is None


def test_a_domain_without_a_pace_is_never_waited_for(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        assert reserve(session, SLOW, 3, NOW) == [NOW] * 3


def test_workers_that_ask_at_once_share_one_rate(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        session.add(DestinationRow(domain=SLOW, per_minute=60))

    def ask(_turn: int) -> list[datetime]:
        with runtime.sessions.begin() as session:
            return reserve(session, SLOW, 5, NOW)

    with ThreadPoolExecutor(4) as workers:
        moments = sorted(chain.from_iterable(workers.map(ask, range(32))))

    assert moments == [NOW + timedelta(seconds=second) for second in range(160)]


@pytest.mark.parametrize("per_minute", [1, 7, 59, 61, 1_000])
def test_time_that_nobody_used_is_not_saved_up(per_minute: int) -> None:
    row = DestinationRow(domain=SLOW, per_minute=per_minute)
    book(row, 10, NOW)
    later = NOW + timedelta(hours=5)

    moments = book(row, 3, later)

    assert moments[0] == later
    assert moments[2] - moments[1] == timedelta(minutes=1) / per_minute


def assert_rate(gone: list[datetime], per_minute: int) -> None:
    """In no span were more let go than its length and the leeway allow, and one."""
    rate = per_minute / 60
    for first, begin in enumerate(gone):
        for last in range(first, len(gone)):
            span = (gone[last] - begin + LEEWAY).total_seconds()
            assert last - first + 1 <= rate * span + 1.01


def _leaves(moment: datetime, now: datetime) -> datetime:
    """When a message with this moment leaves that asked at `now`."""
    return now if moment <= now + LEEWAY else moment
