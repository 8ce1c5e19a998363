"""Orders that come with an article, or without one: kill, withdraw, hold, correction."""

from datetime import timedelta
from typing import Any

import pytest

from publisher.errors import RefusedError
from publisher.newsroom.acts import hold, kill, release, restore, withdraw
from publisher.newsroom.models import ArticleState as S
from tests.newsroom.desk import Desk, order, story
from tests.services.runtimes import Clock

LATER = {"title": "Ferry returns, then turns back"}


def test_a_kill_by_its_source_kills(desk: Desk) -> None:
    desk.take(story())
    desk.take(story(signal="kill", note="The quotes were made up."))
    article = desk.article()
    assert (article.state, article.reason) == (S.KILLED, "The quotes were made up.")
    assert article.left_at == desk.now


def test_a_kill_of_any_age_counts(desk: Desk) -> None:
    desk.take(story(version_at=desk.now))
    desk.take(story(signal="kill", version_at=desk.now - timedelta(days=1)))
    assert desk.state() == S.KILLED


@pytest.mark.parametrize("state", sorted(S))
def test_a_source_can_kill_from_any_state(desk: Desk, state: S) -> None:
    desk.take(story())
    desk.put(state)
    desk.take(order("kill"))
    assert desk.state() == S.KILLED


def test_a_killed_story_stays_killed_whatever_comes_later(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    desk.act(kill, "Wrong.")
    for incoming in (story(), story(**LATER), story(signal="correction", note="x"), order("hold"),
                     story(problem="Broken."), order("kill"), order("withdraw")):  # fmt: skip
        clock.advance(minutes=1)
        desk.take(incoming)
        assert desk.state() == S.KILLED
        assert desk.article().reason == "Wrong."


def test_a_kill_without_text_does_not_empty_the_story(desk: Desk) -> None:
    desk.take(story())
    desk.take(order("kill"))
    assert desk.current().title == story().title


def test_a_kill_for_an_unknown_id_makes_the_late_original_stillborn(
    desk: Desk, clock: Clock
) -> None:
    desk.take(order("kill", note="Must not be used."))
    clock.advance(minutes=1)
    assert desk.take(story(version_at=desk.now - timedelta(hours=1))).outcome == "stillborn"
    article = desk.article()
    assert (article.state, article.eligible_at) == (S.KILLED, None)


def test_a_stillborn_story_that_an_editor_restores_has_its_text(desk: Desk) -> None:
    desk.take(order("kill"))
    desk.take(story(version_at=desk.now - timedelta(hours=1)))
    desk.act(restore, "The kill was for another story.")
    desk.act(release)
    assert (desk.state(), desk.current().title) == (S.PUBLISHED, story().title)
    assert desk.article().section == "harbour"


def test_what_came_while_a_story_was_killed_is_there_when_it_is_restored(desk: Desk) -> None:
    desk.take(story())
    desk.act(kill, "Wrong.")
    assert desk.take(story(**LATER)).outcome == "stillborn"
    desk.act(restore, "It was right.")
    assert desk.current().title == LATER["title"]


def test_a_withdrawal_by_its_source_withdraws(desk: Desk) -> None:
    desk.take(story())
    desk.take(story(signal="withdraw"))
    article = desk.article()
    assert (article.state, article.left_at) == (S.WITHDRAWN, desk.now)
    assert desk.take(story(**LATER)).outcome == "stillborn"


def test_a_withdrawn_story_may_still_be_killed_by_its_source(desk: Desk) -> None:
    desk.take(story())
    desk.act(withdraw, "No longer true.")
    desk.take(order("kill"))
    assert desk.state() == S.KILLED


def test_a_hold_by_its_source_takes_a_story_out(desk: Desk) -> None:
    desk.take(story())
    desk.take(order("hold", note="Being checked."))
    article = desk.article()
    assert (article.state, article.reason) == (S.ON_HOLD, "Being checked.")
    assert desk.current().title == story().title


def test_a_story_that_comes_in_held_waits_for_an_editor(desk: Desk) -> None:
    desk.take(story(signal="hold"))
    assert desk.state() == S.IN_REVIEW


def test_an_embargoed_story_that_is_held_does_not_go_out_by_itself(
    desk: Desk, clock: Clock
) -> None:
    desk.take(story(embargo_until=desk.in_hours(1)))
    desk.take(order("hold"))
    article = desk.article()
    assert (article.state, article.embargo_until) == (S.IN_REVIEW, desk.in_hours(1))


def test_a_source_ends_its_own_hold_with_a_usable_version(desk: Desk) -> None:
    desk.take(story())
    first = desk.article().eligible_at
    desk.take(story(signal="hold"))
    desk.take(story(**LATER))
    assert (desk.state(), desk.article().eligible_at) == (S.PUBLISHED, first)


@pytest.mark.parametrize("terms", [{}, {"review": "Look first."}])
def test_a_source_never_ends_an_editors_hold(desk: Desk, terms: dict[str, Any]) -> None:
    desk.take(story())
    desk.take(story(signal="hold"))
    if not terms:
        desk.act(release)
        desk.act(hold, "The mayor objects.")
    desk.take(story(**LATER), **terms)
    assert desk.state() == S.ON_HOLD


def test_an_order_to_hold_for_an_unknown_story_cannot_be_released_empty(desk: Desk) -> None:
    desk.take(order("hold"))
    with pytest.raises(RefusedError, match="no headline or no text"):
        desk.act(release)
    desk.take(story())
    desk.act(release)
    assert desk.state() == S.PUBLISHED


@pytest.mark.parametrize("changes", [{}, LATER])
def test_a_correction_by_its_source_is_marked_with_its_note(
    desk: Desk, clock: Clock, changes: dict[str, Any]
) -> None:
    desk.take(story())
    clock.advance(hours=1)
    desk.take(story(signal="correction", note="Forty passengers, not four.", **changes))
    article = desk.article()
    assert article.correction == "Forty passengers, not four."
    assert article.corrected_at == article.updated_at == desk.now
    assert "correct" in desk.history()


def test_the_same_correction_again_is_no_news(desk: Desk) -> None:
    corrected = story(signal="correction", note="Forty, not four.")
    desk.take(story())
    assert [desk.take(corrected).outcome for _ in range(2)] == ["updated", "unchanged"]


def test_a_story_that_comes_in_corrected_shows_its_note(desk: Desk) -> None:
    desk.take(story(signal="correction", note="Forty, not four."))
    article = desk.article()
    assert (article.state, article.correction) == (S.PUBLISHED, "Forty, not four.")
    assert desk.history() == ["publish"]


def test_a_correction_of_a_held_story_is_kept_for_its_release(desk: Desk) -> None:
    desk.take(story())
    desk.act(hold, "Checking.")
    desk.take(story(signal="correction", note="Forty, not four.", **LATER))
    assert (desk.state(), desk.article().correction) == (S.ON_HOLD, "Forty, not four.")


@pytest.mark.parametrize("note", ["x" * 5000, "", None, " "])
def test_a_correction_with_an_impossible_note_harms_nothing(desk: Desk, note: str | None) -> None:
    desk.take(story())
    desk.take(story(signal="correction", note=note, **LATER))
    assert desk.current().title == LATER["title"]
    assert len(desk.article().correction or "") == (500 if note and note.strip() else 0)
