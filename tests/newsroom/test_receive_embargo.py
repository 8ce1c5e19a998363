"""Embargoes from sources: never early, whatever is written, changed or forgotten."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from publisher.newsroom.acts import embargo, hold, lift_due, release
from publisher.newsroom.models import ArticleState as S
from tests.newsroom.desk import Desk, story
from tests.services.runtimes import Clock

LATER = {"title": "Ferry returns, then turns back"}


def lift(desk: Desk) -> S:
    """Let the clock tick; the story's state then."""
    with desk.runtime.sessions.begin() as session:
        lift_due(session, desk.now)
    return desk.state()


def test_an_embargo_to_come_keeps_a_story_in(desk: Desk, clock: Clock) -> None:
    desk.take(story(embargo_until=desk.in_hours(1)))
    assert (desk.state(), desk.article().eligible_at) == (S.EMBARGOED, None)
    clock.advance(minutes=59, seconds=59, microseconds=999_999)
    assert lift(desk) == S.EMBARGOED
    clock.advance(microseconds=1)
    assert lift(desk) == S.PUBLISHED
    assert desk.article().eligible_at == desk.now


def test_an_embargo_that_is_over_keeps_nothing_in(desk: Desk) -> None:
    desk.take(story(embargo_until=desk.in_hours(-1)))
    assert desk.state() == S.PUBLISHED


def test_an_embargo_that_cannot_be_read_waits_for_an_editor(desk: Desk, clock: Clock) -> None:
    desk.take(story(embargo_held=True))
    clock.advance(days=900)
    assert lift(desk) == S.IN_REVIEW
    assert "no time that can be read" in (desk.article().reason or "")


def test_an_embargo_without_a_zone_waits_for_an_editor(desk: Desk) -> None:
    desk.take(story(embargo_until=datetime(2026, 3, 10, 12, 0)))
    assert desk.state() == S.IN_REVIEW


def test_a_date_to_come_is_a_wait(desk: Desk, clock: Clock) -> None:
    desk.take(story(published_at=desk.in_hours(3)))
    assert desk.state() == S.EMBARGOED
    clock.advance(hours=3)
    assert lift(desk) == S.PUBLISHED


def test_a_clock_that_is_a_little_fast_is_no_wait(desk: Desk) -> None:
    desk.take(story(published_at=desk.now + timedelta(minutes=5)))
    assert desk.state() == S.PUBLISHED


def test_of_a_date_and_an_embargo_the_later_counts(desk: Desk) -> None:
    desk.take(story(published_at=desk.in_hours(3), embargo_until=desk.in_hours(2)))
    assert desk.article().embargo_until == desk.in_hours(3)


@pytest.mark.parametrize("changes", [{}, LATER])
@pytest.mark.parametrize("hours", [1, 5])
def test_a_source_moves_the_embargo_it_set(desk: Desk, hours: int, changes: dict[str, Any]) -> None:
    desk.take(story(embargo_until=desk.in_hours(3)))
    desk.take(story(embargo_until=desk.in_hours(hours), **changes))
    article = desk.article()
    assert (article.state, article.embargo_until) == (S.EMBARGOED, desk.in_hours(hours))


def test_a_date_that_moves_moves_the_wait(desk: Desk) -> None:
    desk.take(story(published_at=desk.in_hours(3)))
    desk.take(story(published_at=desk.in_hours(5)))
    assert desk.article().embargo_until == desk.in_hours(5)


@pytest.mark.parametrize("changes", [{"embargo_until": -1}, {}], ids=["past", "none"])
def test_a_source_may_end_the_embargo_it_set(desk: Desk, changes: dict[str, int]) -> None:
    desk.take(story(embargo_until=desk.in_hours(3)))
    desk.take(story(**{name: desk.in_hours(hours) for name, hours in changes.items()}))
    assert (desk.state(), desk.history()) == (S.PUBLISHED, ["embargo", "lift"])


@pytest.mark.parametrize("hours", [1, -1, None])
def test_a_source_under_review_may_not_shorten_an_embargo(desk: Desk, hours: int | None) -> None:
    desk.take(story(embargo_until=desk.in_hours(3)))
    until = None if hours is None else desk.in_hours(hours)
    desk.take(story(embargo_until=until, **LATER), review="Look first.")
    article = desk.article()
    assert (article.state, article.embargo_until) == (S.EMBARGOED, desk.in_hours(3))
    desk.take(story(embargo_until=desk.in_hours(9)), review="Look first.")
    assert desk.article().embargo_until == desk.in_hours(9)


@pytest.mark.parametrize("hours", [1, -1, None])
def test_a_source_may_not_shorten_an_editors_embargo(desk: Desk, hours: int | None) -> None:
    desk.take(story(embargo_until=desk.in_hours(2)))
    desk.act(embargo, desk.in_hours(6))
    until = None if hours is None else desk.in_hours(hours)
    desk.take(story(embargo_until=until, **LATER))
    article = desk.article()
    assert (article.state, article.embargo_until) == (S.EMBARGOED, desk.in_hours(6))


def test_an_embargo_that_becomes_unreadable_waits_for_an_editor(desk: Desk, clock: Clock) -> None:
    desk.take(story(embargo_until=desk.in_hours(1)))
    desk.take(story(embargo_held=True))
    clock.advance(hours=2)
    assert lift(desk) == S.IN_REVIEW


@pytest.mark.parametrize("changes", [{}, LATER])
@pytest.mark.parametrize("bar", [{"embargo_until": 2}, {"embargo_held": True}])
def test_an_embargo_after_publication_is_refused_and_its_version_stays_in(
    desk: Desk, bar: dict[str, Any], changes: dict[str, Any]
) -> None:
    desk.take(story())
    if "embargo_until" in bar:
        bar = {"embargo_until": desk.in_hours(bar["embargo_until"])}
    outcomes = [desk.take(story(**bar, **changes)).outcome for _ in range(2)]
    assert outcomes == ["barred", "barred"]
    assert (desk.state(), desk.current().title) == (S.PUBLISHED, story().title)
    assert "after the story was out" in (desk.article().reason or "")
    assert desk.history() == ["publish", "update"]


def test_a_barred_version_sent_again_after_its_embargo_is_used(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    barred = story(embargo_until=desk.in_hours(1), **LATER)
    desk.take(barred)
    clock.advance(hours=1)
    assert desk.take(barred).outcome == "updated"
    assert (desk.current().title, desk.article().reason) == (LATER["title"], None)


def test_a_release_from_hold_does_not_let_a_barred_version_out(desk: Desk) -> None:
    desk.take(story())
    desk.act(hold, "Checking.")
    desk.take(story(embargo_until=desk.in_hours(1), **LATER))
    desk.act(release)
    assert (desk.state(), desk.current().title) == (S.PUBLISHED, story().title)


def test_a_barred_version_that_orders_a_hold_is_obeyed(desk: Desk) -> None:
    desk.take(story())
    desk.take(story(embargo_until=desk.in_hours(1), signal="hold", **LATER))
    assert (desk.state(), desk.current().title) == (S.ON_HOLD, story().title)


@pytest.mark.parametrize("again", [{}, LATER])
def test_an_embargo_outlives_a_review(desk: Desk, clock: Clock, again: dict[str, Any]) -> None:
    until = desk.in_hours(2)
    desk.take(story(embargo_until=until), review="Look first.")
    desk.take(story(embargo_until=until, **again), review="Look first.")
    desk.act(release)
    assert desk.state() == S.EMBARGOED
    clock.advance(hours=2)
    assert lift(desk) == S.PUBLISHED


def test_an_embargo_that_comes_during_a_review_is_kept(desk: Desk) -> None:
    desk.take(story(), review="Look first.")
    desk.take(story(embargo_until=desk.in_hours(2), signal="hold"), review="Look first.")
    desk.act(release)
    assert desk.state() == S.EMBARGOED


def test_a_hold_without_an_embargo_does_not_drop_the_one_there_was(desk: Desk) -> None:
    desk.take(story(embargo_until=desk.in_hours(2)))
    desk.take(story(signal="hold"))
    desk.act(release)
    assert desk.state() == S.EMBARGOED


def test_a_source_under_review_may_mend_its_own_embargo(desk: Desk) -> None:
    desk.take(story(embargo_until=desk.in_hours(9000)), review="Look first.")
    desk.take(story(embargo_until=desk.in_hours(2)), review="Look first.")
    assert desk.article().embargo_until == desk.in_hours(2)


def test_a_mended_article_keeps_its_embargo(desk: Desk) -> None:
    desk.take(story(problem="There is no headline.", title=""))
    desk.take(story(embargo_until=desk.in_hours(2)))
    assert desk.state() == S.EMBARGOED
