"""Taking articles in: versions, broken ones too, and the terms of their sources."""

from datetime import timedelta
from typing import Any

import pytest

from publisher.newsroom.acts import hold, kill, release, restore
from publisher.newsroom.models import ArticleState as S
from tests.newsroom.desk import WIRE, Desk, order, story
from tests.services.runtimes import Clock

LATER = {"title": "Ferry returns, then turns back"}


def test_an_article_comes_in_and_goes_out(desk: Desk) -> None:
    received = desk.take(story())
    article = desk.article()
    assert (received.outcome, article.state, article.version) == ("new", S.PUBLISHED, 1)
    assert article.eligible_at == article.received_at == desk.now
    assert desk.history() == ["publish"]


def test_the_same_content_twice_is_one_article_and_one_version(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    clock.advance(hours=1)
    assert desk.take(story()).outcome == "unchanged"
    assert len(desk.articles()) == len(desk.versions()) == 1
    assert desk.history() == ["publish"]


def test_the_same_id_of_another_source_is_another_article(desk: Desk) -> None:
    desk.take(story())
    desk.take(story(source="agency"))
    assert [article.source for article in desk.articles()] == ["wire", "agency"]


def test_new_content_is_a_new_version_of_the_same_article(desk: Desk) -> None:
    desk.take(story())
    before = desk.article()
    assert desk.take(story(**LATER)).outcome == "updated"
    article = desk.article()
    assert (article.uuid, article.version, article.state) == (before.uuid, 2, S.PUBLISHED)
    assert desk.current().title == LATER["title"]
    assert desk.history() == ["publish", "update"]


@pytest.mark.parametrize(
    "changes",
    [
        {"language": "pt"},
        {"tags": ("ferries",)},
        {"rights_status": "full"},
        {"url": "https://a.example/"},
    ],
)
def test_whatever_readers_can_see_makes_a_version(desk: Desk, changes: dict[str, Any]) -> None:
    desk.take(story())
    assert desk.take(story(**changes)).outcome == "updated"


def test_an_older_version_is_history_only(desk: Desk, clock: Clock) -> None:
    desk.take(story(version_at=desk.now, **LATER))
    clock.advance(hours=1)
    late = story(version_at=desk.now - timedelta(hours=2))
    assert [desk.take(late).outcome for _ in range(2)] == ["older", "older"]
    assert desk.current().title == LATER["title"]
    assert [version.number for version in desk.versions()] == [1, 2]
    assert desk.history() == ["publish"]


def test_the_first_text_sent_again_later_is_the_current_one_again(desk: Desk, clock: Clock) -> None:
    for minutes, changes in enumerate([{}, LATER, {}]):
        desk.take(story(version_at=desk.now + timedelta(minutes=minutes), **changes))
        clock.advance(minutes=5)
    assert (desk.current().title, desk.article().version) == (story().title, 3)


def test_an_older_text_that_its_source_sends_as_the_newest_is_used(
    desk: Desk, clock: Clock
) -> None:
    desk.take(story(version_at=desk.now))
    desk.take(story(version_at=desk.now - timedelta(hours=1), **LATER))
    clock.advance(hours=1)
    assert desk.take(story(version_at=desk.now, **LATER)).outcome == "updated"
    assert desk.current().title == LATER["title"]
    again = desk.take(story(version_at=desk.now - timedelta(minutes=30), title="In between"))
    assert again.outcome == "older"


def test_a_text_confirmed_later_is_not_replaced_by_one_from_before(
    desk: Desk, clock: Clock
) -> None:
    desk.take(story(version_at=desk.now))
    clock.advance(hours=2)
    desk.take(story(version_at=desk.now))
    late = desk.take(story(version_at=desk.now - timedelta(hours=1), **LATER))
    assert late.outcome == "older"


def test_a_version_from_the_future_does_not_block_those_that_follow(
    desk: Desk, clock: Clock
) -> None:
    desk.take(story(version_at=desk.now + timedelta(days=900)))
    clock.advance(minutes=1)
    assert desk.take(story(version_at=desk.now, **LATER)).outcome == "updated"


def test_a_change_of_section_tells_the_old_one(desk: Desk) -> None:
    desk.take(story())
    desk.take(story(section="weather", signal="hold", note="Checking."))
    assert desk.article().section == "weather"
    assert "harbour" in [event.section_before for event in desk.events()]


def test_what_cannot_be_used_is_quarantined_with_its_reason(desk: Desk) -> None:
    received = desk.take(story(problem="There is no headline.", title=""))
    article = desk.article()
    assert (received.outcome, article.state) == ("quarantined", S.QUARANTINED)
    assert article.reason == "There is no headline."
    assert article.eligible_at is None


def test_a_broken_version_never_replaces_a_good_one(desk: Desk) -> None:
    desk.take(story())
    assert desk.take(story(problem="The file is empty.", title="")).outcome == "quarantined"
    article = desk.article()
    assert (article.state, article.version) == (S.PUBLISHED, 1)
    assert article.reason == "The file is empty."
    assert [event.reason for event in desk.events()] == [None, "The file is empty."]


def test_the_same_trouble_again_is_told_once(desk: Desk) -> None:
    desk.take(story())
    for _ in range(3):
        desk.take(story(problem="The file is empty.", title=""))
    assert desk.history() == ["publish", "update"]


@pytest.mark.parametrize("changes", [{}, LATER])
def test_a_good_version_ends_the_trouble(desk: Desk, changes: dict[str, Any]) -> None:
    desk.take(story())
    desk.take(story(problem="The file is empty.", title=""))
    desk.take(story(**changes))
    assert desk.article().reason is None


def test_trouble_does_not_hide_why_a_story_is_held(desk: Desk) -> None:
    desk.take(story())
    desk.act(hold, "The mayor objects.")
    desk.take(story(problem="The file is empty.", title=""))
    assert desk.article().reason == "The mayor objects."
    assert desk.events()[-1].reason == "The file is empty."


def test_a_quarantined_article_that_is_mended_is_published(desk: Desk, clock: Clock) -> None:
    desk.take(story(problem="There is no headline.", title=""))
    clock.advance(hours=1)
    assert desk.take(story()).outcome == "updated"
    article = desk.article()
    assert (article.state, article.reason, article.eligible_at) == (S.PUBLISHED, None, desk.now)


def test_what_was_mended_beside_the_text_is_published(desk: Desk) -> None:
    desk.take(story(problem="The status “bananas” is not known."))
    desk.take(story())
    assert desk.state() == S.PUBLISHED


def test_a_file_mended_without_a_new_date_is_published(desk: Desk) -> None:
    written = desk.now - timedelta(days=1)
    desk.take(story(problem="The file cannot be read: permission denied.", title=""))
    desk.take(story(version_at=written))
    assert desk.state() == S.PUBLISHED


@pytest.mark.parametrize("state", sorted(S))
@pytest.mark.parametrize(
    "incoming",
    [story(problem="Broken."), story(), story(**LATER), order("hold"), order("withdraw")],
    ids=["broken", "same", "new", "hold", "withdraw"],
)
def test_nothing_that_comes_in_fails_or_brings_back_what_is_gone(
    desk: Desk, state: S, incoming: Any
) -> None:
    desk.take(story())
    desk.put(state)
    desk.take(incoming)
    if state in {S.KILLED, S.WITHDRAWN, S.MERGED, S.EXPIRED}:
        assert desk.state() == state


def test_a_baseline_is_out_but_marked(desk: Desk) -> None:
    desk.take(story(), baseline=True)
    article = desk.article()
    assert (article.state, article.baseline) == (S.PUBLISHED, True)
    desk.take(story(**LATER))
    assert desk.article().baseline


def test_a_source_under_review_waits_for_an_editor(desk: Desk) -> None:
    desk.take(story(), review="Look first.", by=WIRE)
    article = desk.article()
    assert (article.state, article.reason) == (S.IN_REVIEW, "Look first.")
    assert article.eligible_at is None


def test_eligible_is_set_once(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    first = desk.article().eligible_at
    steps = [
        lambda: desk.take(story(**LATER)),
        lambda: desk.act(hold, "Checking."),
        lambda: desk.act(release),
        lambda: desk.act(kill, "Wrong."),
        lambda: desk.act(restore, "Right."),
        lambda: desk.act(release),
    ]
    for step in steps:
        clock.advance(hours=1)
        step()
        assert desk.article().eligible_at == first
    assert desk.state() == S.PUBLISHED
