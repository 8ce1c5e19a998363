"""Two at once: sources and editors on the same article at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from publisher.newsroom.acts import kill, lift_due, release
from publisher.newsroom.find import find_article
from publisher.newsroom.models import ArticleState as S
from publisher.newsroom.receive import receive
from tests.newsroom.desk import EDITOR, WIRE, Desk, story

LATER = {"title": "Ferry returns, then turns back"}


def together(*acts: Callable[[], object]) -> list[object]:
    """Do them at the same moment; what each gave."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(timeout=10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(run, act) for act in acts]]


def test_the_same_new_article_at_the_same_moment_is_one_row(desk: Desk) -> None:
    outcomes = together(*[lambda: desk.take(story()).outcome] * 6)
    assert sorted(outcomes) == ["new", *["unchanged"] * 5]
    assert len(desk.articles()) == len(desk.versions()) == 1
    assert desk.history() == ["publish"]


def test_versions_at_the_same_moment_have_numbers_of_their_own(desk: Desk) -> None:
    together(*[lambda n=n: desk.take(story(title=f"Ferry {n}")) for n in range(6)])
    assert [version.number for version in desk.versions()] == [1, 2, 3, 4, 5, 6]
    assert desk.article().version == 6


@pytest.mark.parametrize("turn", range(5))
def test_an_update_during_a_kill_never_brings_the_story_back(desk: Desk, turn: int) -> None:
    desk.take(story())
    together(
        lambda: desk.act(kill, "Wrong."),
        lambda: desk.take(story(signal="hold", **LATER)),
        lambda: desk.take(story(title=f"Ferry {turn}")),
    )
    assert desk.state() == S.KILLED
    assert desk.article().reason == "Wrong."


def test_a_source_waits_for_an_editors_act_and_sees_it(desk: Desk) -> None:
    """The editor has the row; what the source sends is decided after the kill, not before."""
    desk.take(story())
    locked, done = Event(), Event()

    def editor() -> None:
        with desk.runtime.sessions.begin() as session:
            article = find_article(session, "ferry", lock=True)
            locked.set()
            assert not done.wait(0.3)
            kill(session, article, "Wrong.", by=EDITOR, now=desk.now)

    def source() -> str:
        locked.wait(10)
        outcome = desk.take(story(signal="hold", **LATER)).outcome
        done.set()
        return outcome

    assert together(editor, source)[1] == "stillborn"
    assert desk.state() == S.KILLED


@pytest.mark.parametrize("lock", [True, False], ids=["act", "source"])
def test_what_was_read_before_it_changed_is_read_again_when_locked(
    desk: Desk, *, lock: bool
) -> None:
    desk.take(story())
    if not desk.runtime.sessions.is_postgresql():
        pytest.skip("on SQLite nobody can change a row between two statements of a writer")
    with desk.runtime.sessions.begin() as session:
        find_article(session, "ferry")
        desk.act(kill, "Wrong.")
        if lock:
            article = find_article(session, "ferry", lock=True)
        else:
            article = receive(session, story(), by=WIRE, now=desk.now).article
        assert article.state == S.KILLED


def test_two_ticks_lift_a_story_once(desk: Desk) -> None:
    desk.take(story(embargo_until=desk.in_hours(1)))
    at = desk.in_hours(1)

    def lift() -> int:
        with desk.runtime.sessions.begin() as session:
            return lift_due(session, at)

    assert sorted(together(lift, lift)) == [0, 1]
    assert desk.history() == ["embargo", "lift"]


def test_a_release_and_a_kill_at_once_end_in_a_kill(desk: Desk) -> None:
    desk.take(story(), review="Look first.")

    def let_out() -> None:
        with desk.runtime.sessions.begin() as session:
            article = find_article(session, "ferry", lock=True)
            if article.state == S.IN_REVIEW:
                release(session, article, by=EDITOR, now=desk.now)

    together(let_out, lambda: desk.act(kill, "Wrong."))
    assert desk.state() == S.KILLED
