"""What editors and the clock do to a story: its state, the event, the audit, who is woken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import InvalidInputError, RefusedError
from publisher.newsroom.acts import (
    correct,
    embargo,
    hold,
    kill,
    lift_due,
    publish,
    release,
    restore,
    withdraw,
)
from publisher.newsroom.models import ArticleState as S
from tests.newsroom.desk import EDITOR, Desk, story
from tests.services.runtimes import Clock


@dataclass(frozen=True)
class Case:
    """An act with its words, on a story in a state, and what it leads to."""

    act: Callable[..., object]
    before: S
    after: S
    words: tuple[str, ...] = ()


CASES = [
    Case(publish, S.RECEIVED, S.PUBLISHED),
    Case(publish, S.QUARANTINED, S.PUBLISHED),
    Case(correct, S.PUBLISHED, S.PUBLISHED, ("Forty, not four.",)),
    Case(correct, S.ON_HOLD, S.ON_HOLD, ("Forty, not four.",)),
    Case(hold, S.PUBLISHED, S.ON_HOLD, ("Checking.",)),
    Case(release, S.ON_HOLD, S.PUBLISHED),
    Case(release, S.IN_REVIEW, S.PUBLISHED),
    Case(withdraw, S.PUBLISHED, S.WITHDRAWN, ("Out of date.",)),
    Case(withdraw, S.EMBARGOED, S.WITHDRAWN, ("Out of date.",)),
    *(Case(kill, state, S.KILLED, ("Wrong.",)) for state in sorted(set(S) - {S.KILLED})),
    Case(restore, S.KILLED, S.IN_REVIEW, ("It was right.",)),
    Case(restore, S.WITHDRAWN, S.IN_REVIEW, ("It was right.",)),
    Case(restore, S.ON_HOLD, S.IN_REVIEW, ("Look again.",)),
]


def _name(case: Case) -> str:
    return f"{case.act.__name__}-{case.before}"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_an_act_moves_the_story_and_is_written_down(desk: Desk, case: Case) -> None:
    desk.take(story())
    desk.put(case.before)
    seen, audited, woken = len(desk.events()), len(desk.audits()), desk.woken()
    article = desk.act(case.act, *case.words)
    (event,) = desk.events()[seen:]
    (audit,) = desk.audits()[audited:]
    reason = case.words[0] if case.words else None
    assert desk.state() == case.after
    assert (event.event, event.before, event.after) == (
        case.act.__name__, case.before.value, case.after.value,
    )  # fmt: skip
    assert (event.actor, event.reason, event.at) == ("editor Mara Ellis", reason, desk.now)
    assert (audit.action, audit.ref) == (f"article.{case.act.__name__}", article.uuid)
    assert (audit.actor_kind, audit.actor_name) == ("editor", "Mara Ellis")
    assert audit.detail == {"reason": reason or ""}
    assert desk.woken() == woken + 1


@pytest.mark.parametrize("case", [case for case in CASES if case.words], ids=_name)
@pytest.mark.parametrize("words", ["", "  \n", "\x00"])
def test_an_act_without_its_reason_changes_nothing(desk: Desk, case: Case, words: str) -> None:
    desk.take(story())
    desk.put(case.before)
    before = desk.article()
    with pytest.raises(InvalidInputError):
        desk.act(case.act, words)
    assert desk.article() == before
    assert len(desk.events()) == 1


@pytest.mark.parametrize("act", [publish, release, hold, correct, withdraw, restore])
def test_an_act_that_the_state_does_not_allow_changes_nothing(desk: Desk, act: Any) -> None:
    words = () if act in {publish, release} else ("Why.",)
    desk.take(story())
    desk.put(S.EXPIRED)
    before = desk.article()
    with pytest.raises(RefusedError, match="possible while it is"):
        desk.act(act, *words)
    assert desk.article() == before


def test_a_correction_of_more_than_500_characters_is_refused(desk: Desk) -> None:
    desk.take(story())
    desk.act(correct, "x" * 500)
    with pytest.raises(InvalidInputError, match="1 to 500"):
        desk.act(correct, "x" * 501)


def test_a_correction_is_a_significant_change(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    clock.advance(hours=1)
    article = desk.act(correct, "Forty, not four.")
    assert article.corrected_at == article.updated_at == desk.now
    assert article.eligible_at == desk.now - timedelta(hours=1)


def test_killing_twice_is_harmless_and_keeps_the_first_reason(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    first = desk.act(kill, "Wrong.")
    clock.advance(hours=1)
    assert desk.act(kill, "Very wrong.") == first
    assert desk.history() == ["publish", "kill"]


@pytest.mark.parametrize("act", [kill, withdraw])
def test_what_leaves_says_when_it_left(desk: Desk, clock: Clock, act: Any) -> None:
    desk.take(story())
    clock.advance(hours=1)
    article = desk.act(act, "Wrong.")
    assert article.left_at == article.updated_at == desk.now
    clock.advance(hours=1)
    article = desk.act(restore, "It was right.")
    assert (article.left_at, article.updated_at) == (None, desk.now)


def test_a_restored_story_goes_through_review_and_out_again(desk: Desk, clock: Clock) -> None:
    desk.take(story())
    first = desk.article().eligible_at
    desk.act(kill, "Wrong.")
    clock.advance(hours=1)
    assert desk.act(restore, "It was right.").state == S.IN_REVIEW
    article = desk.act(release)
    assert (article.state, article.eligible_at, article.reason) == (S.PUBLISHED, first, None)
    assert desk.history() == ["publish", "kill", "restore", "release"]


def test_a_kill_forgets_the_embargo(desk: Desk, clock: Clock) -> None:
    desk.take(story(embargo_until=desk.in_hours(1)))
    assert desk.act(kill, "Wrong.").embargo_until is None
    clock.advance(hours=2)
    assert _lift(desk) == 0
    assert desk.state() == S.KILLED


# ---------------------------------------------------------------- embargo and lift


def test_an_embargo_is_set_and_moved(desk: Desk) -> None:
    desk.take(story(), review="Look first.")
    for hours in (1, 3, 2):
        article = desk.act(embargo, desk.in_hours(hours))
        assert (article.state, article.embargo_until) == (S.EMBARGOED, desk.in_hours(hours))
    assert "2026-03-10 11:30 UTC" in (article.reason or "")


@pytest.mark.parametrize("hours", [0, -1])
def test_an_embargo_that_is_over_already_is_refused(desk: Desk, hours: int) -> None:
    desk.take(story(), review="Look first.")
    with pytest.raises(InvalidInputError, match="future"):
        desk.act(embargo, desk.in_hours(hours))
    assert desk.state() == S.IN_REVIEW


def test_what_is_out_cannot_be_embargoed(desk: Desk) -> None:
    desk.take(story())
    with pytest.raises(RefusedError):
        desk.act(embargo, desk.in_hours(1))
    assert desk.article().embargo_until is None


def test_the_clock_lifts_exactly_at_the_time_and_never_before(desk: Desk, clock: Clock) -> None:
    desk.take(story(embargo_until=desk.in_hours(1)))
    desk.take(story("goal", embargo_until=desk.in_hours(2)))
    clock.advance(hours=1, microseconds=-1)
    assert _lift(desk) == 0
    clock.advance(microseconds=1)
    assert _lift(desk) == 1
    assert (desk.state(), desk.state("goal")) == (S.PUBLISHED, S.EMBARGOED)
    article = desk.article()
    assert (article.eligible_at, article.reason) == (desk.now, None)
    assert desk.events()[-1].actor == "clock"
    assert _lift(desk) == 0


def test_a_lift_that_comes_late_still_lifts(desk: Desk, clock: Clock) -> None:
    desk.take(story(embargo_until=desk.in_hours(1)))
    clock.advance(days=3)
    assert _lift(desk) == 1
    assert desk.article().eligible_at == desk.now


@pytest.mark.parametrize("state", sorted(set(S) - {S.EMBARGOED}))
def test_the_clock_lifts_nothing_that_is_not_embargoed(desk: Desk, clock: Clock, state: S) -> None:
    desk.take(story(embargo_until=desk.in_hours(1)))
    desk.put(state)
    clock.advance(hours=2)
    assert _lift(desk) == 0
    assert desk.state() == state


def test_an_embargo_in_another_zone_is_over_at_the_same_moment(desk: Desk, clock: Clock) -> None:
    until = desk.in_hours(1).astimezone(ZoneInfo("Asia/Kathmandu"))
    desk.take(story(), review="Look first.")
    desk.act(embargo, until)
    assert "10:30 UTC" in (desk.article().reason or "")
    clock.advance(hours=1)
    assert _lift(desk) == 1


def _lift(desk: Desk) -> int:
    with desk.runtime.sessions.begin() as session:
        return lift_due(session, desk.now)


def test_acts_are_undone_with_their_transaction(desk: Desk) -> None:
    desk.take(story())
    woken = desk.woken()

    def kill_and_fail(*words: Any, **rest: Any) -> None:
        kill(*words, **rest)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.act(kill_and_fail, "Wrong.")
    assert (desk.state(), desk.history(), desk.woken()) == (S.PUBLISHED, ["publish"], woken)
    assert EDITOR.name not in [audit.actor_name for audit in desk.audits()]
