"""How stories are shared between a feed and its archives."""

from hypothesis import given
from hypothesis import strategies as st

from publisher.feeds.archive import (
    A_BUILD,
    AT_ONCE,
    MOST_OPEN,
    NEWEST,
    Share,
    chunks,
    fitting,
    share,
)

ROOM = 1000
some_sizes = st.lists(st.integers(0, ROOM), max_size=MOST_OPEN)


def test_a_feed_of_small_stories_begins_an_archive_when_there_is_enough_for_one() -> None:
    assert share([1] * 50, 50, ROOM) == Share(50, 0)
    assert share([1] * MOST_OPEN, MOST_OPEN, ROOM) == Share(99, 0)
    assert share([1] * MOST_OPEN, 100, ROOM) == Share(NEWEST, AT_ONCE)


def test_large_stories_leave_sooner() -> None:
    assert share([300] * 4, 4, ROOM) == Share(2, 2)
    assert share([1000, 1000], 2, ROOM) == Share(1, 1)


def test_a_large_import_is_archived_from_its_oldest_end_in_several_builds() -> None:
    assert share([1] * MOST_OPEN, 5000, ROOM) == Share(MOST_OPEN, A_BUILD * AT_ONCE)
    assert share([1] * MOST_OPEN, 310, ROOM) == Share(60, 250)


@given(sizes=some_sizes, older=st.integers(0, 400))
def test_each_story_is_shown_archived_or_left_to_the_next_build(
    sizes: list[int], older: int
) -> None:
    older = older if len(sizes) == MOST_OPEN else 0
    total = len(sizes) + older
    found = share(sizes, total, ROOM)
    assert 0 <= found.shown + found.sealed <= total
    assert sum(sizes[: found.shown]) <= ROOM
    assert (found.shown > 0) == (total > 0)
    if not found.sealed:
        assert found.shown == total


@given(sizes=some_sizes)
def test_archives_take_every_story_once_and_fit(sizes: list[int]) -> None:
    found = chunks(sizes, ROOM)
    assert [place for places in found for place in places] == list(range(len(sizes)))
    for places in found:
        assert 1 <= len(places) <= AT_ONCE
        assert fitting([sizes[place] for place in places], ROOM) == len(places)
