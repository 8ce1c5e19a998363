"""Where a drill kills is decided by its seed, and nothing is left out by chance."""

from collections import Counter

from publisher.cli.drill.plan import CALLS, Where, plan


def test_the_same_seed_makes_the_same_plan() -> None:
    assert plan(40, 7) == plan(40, 7)
    assert plan(40, 7) != plan(40, 8)


def test_a_longer_drill_begins_like_a_shorter_one() -> None:
    assert plan(40, 7)[:12] == plan(12, 7)


def test_every_kind_of_kill_comes_as_often_as_any_other() -> None:
    counts = Counter(point.where for point in plan(3 * len(Where), 1))
    assert set(counts) == set(Where)
    assert set(counts.values()) == {3}


def test_kinds_that_cannot_be_made_are_left_out() -> None:
    points = plan(40, 1, left_out=CALLS)
    assert len(points) == 40
    assert not any(point.call for point in points)


def test_points_within_a_kind_differ() -> None:
    after = {point.number for point in plan(200, 1) if point.where == Where.AFTER_250}
    assert len(after) > 10
