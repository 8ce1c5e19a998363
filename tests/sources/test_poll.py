"""Watching a folder: whole files, each change once, and no more than an editor can bear."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from publisher.newsroom.models import ArticleState as S
from publisher.sources import poll as polling
from publisher.sources.models import SourceRow
from publisher.sources.poll import due_sources, poll
from tests.sources.folder import Watched, markdown


def test_a_file_is_read_when_two_looks_see_the_same(watched: Watched) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md")
    assert (watched.look(), watched.states()) == (0, {})
    assert (watched.look(), watched.states()) == (1, {"ferry": S.PUBLISHED})
    assert watched.look() == 0


def test_a_file_that_grows_waits_until_it_is_whole(watched: Watched) -> None:
    watched.watch(baseline=False)
    text = markdown()
    for length in (40, 90, 160, len(text)):
        watched.write("ferry.md", text[:length])
        assert watched.look() == 0
    assert watched.look() == 1
    assert watched.states() == {"ferry": S.PUBLISHED}


def test_a_change_that_keeps_the_size_is_seen(watched: Watched) -> None:
    watched.watch(baseline=False)
    path = watched.write("ferry.md", markdown("Ferry A"))
    watched.settle()
    before = path.stat()
    path.write_text(markdown("Ferry B"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert watched.settle() == 1
    assert watched.articles()["ferry"].version == 2


def test_a_changed_file_is_a_new_version_of_its_article(watched: Watched) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md", markdown("Ferry returns"))
    watched.settle()
    watched.write("ferry.md", markdown("Ferry returns, then turns back"))
    assert watched.settle() == 1
    (article,) = watched.articles().values()
    assert (article.version, article.state) == (2, S.PUBLISHED)


def test_a_file_touched_but_unchanged_is_no_news(watched: Watched) -> None:
    watched.watch(baseline=False)
    path = watched.write("ferry.md")
    watched.settle()
    os.utime(path)
    assert watched.settle() == 1
    assert watched.articles()["ferry"].version == 1


def test_the_same_story_in_two_files_of_one_id_is_one_article(watched: Watched) -> None:
    watched.watch(baseline=False)
    for name in ("a.md", "b.md"):
        watched.write(name, markdown(id="ferry-1"))
    watched.settle()
    assert watched.articles().keys() == {"ferry-1"}
    assert watched.articles()["ferry-1"].version == 1


def test_a_file_that_goes_away_leaves_its_article(watched: Watched) -> None:
    watched.watch(baseline=False)
    path = watched.write("ferry.md")
    watched.settle()
    path.unlink()
    assert watched.settle() == 0
    assert watched.states() == {"ferry": S.PUBLISHED}


def test_a_file_gone_between_two_looks_is_no_article(watched: Watched) -> None:
    watched.watch(baseline=False)
    path = watched.write("ferry.md")
    watched.look()
    path.unlink()
    assert (watched.look(), watched.states(), watched.problems()) == (0, {}, {})


# ---------------------------------------------------------------- baseline and flood


def test_what_lay_there_at_the_first_look_is_the_baseline(watched: Watched) -> None:
    watched.write("old.md")
    watched.watch()
    watched.look()
    watched.write("new.md")
    watched.settle()
    marks = {name: row.baseline for name, row in watched.articles().items()}
    assert marks == {"old": True, "new": False}
    assert watched.source().baseline_done


def test_a_source_without_a_baseline_has_its_first_files_mailed(watched: Watched) -> None:
    watched.write("old.md")
    watched.watch(baseline=False)
    watched.settle()
    assert not watched.articles()["old"].baseline


def test_a_first_look_that_fails_leaves_the_baseline_to_the_next(watched: Watched) -> None:
    watched.write("old.md")
    watched.watch()
    away = watched.folder.rename(watched.folder.with_name("away"))
    watched.look()
    assert not watched.source().baseline_done
    away.rename(watched.folder)
    watched.settle()
    assert watched.articles()["old"].baseline


def test_a_large_baseline_is_no_flood(watched: Watched) -> None:
    for number in range(60):
        watched.write(f"old-{number}.md")
    watched.watch()
    assert watched.settle() == 60
    assert set(watched.states().values()) == {S.PUBLISHED}
    assert all(article.baseline for article in watched.articles().values())


@pytest.mark.parametrize(("count", "state"), [(50, S.PUBLISHED), (51, S.IN_REVIEW)])
def test_a_flood_is_held_for_an_editor(watched: Watched, count: int, state: S) -> None:
    watched.watch(baseline=False)
    for number in range(count):
        watched.write(f"ferry-{number}.md")
    watched.settle()
    assert set(watched.states().values()) == {state}
    if state == S.IN_REVIEW:
        assert "51 articles came at once" in (watched.articles()["ferry-0"].reason or "")


def test_pictures_beside_articles_are_no_flood(watched: Watched) -> None:
    watched.watch(baseline=False)
    for number in range(30):
        watched.write(f"ferry-{number}.md")
        watched.write(f"ferry-{number}.jpg", b"\xff\xd8\xff")
    watched.settle()
    assert set(watched.states().values()) == {S.PUBLISHED}


def test_a_flood_of_changes_updates_what_is_out(watched: Watched) -> None:
    watched.watch(baseline=False)
    for start in (0, 30):
        for number in range(start, start + 30):
            watched.write(f"ferry-{number}.md")
        watched.settle()
    for number in range(60):
        watched.write(f"ferry-{number}.md", markdown(f"Ferry turns back {number}"))
    watched.settle()
    articles = watched.articles().values()
    assert {(article.state, article.version) for article in articles} == {(S.PUBLISHED, 2)}


def test_what_is_usual_for_a_source_is_no_flood(watched: Watched) -> None:
    """Fifty a tick make a daily mean of 14.3 after four ticks, so 71 at once are usual."""
    watched.watch(baseline=False)
    for tick in range(4):
        for number in range(50):
            watched.write(f"{tick}/{number}.md")
        watched.settle()
    for number in range(71):
        watched.write(f"last/{number}.md")
    watched.settle()
    assert set(watched.states().values()) == {S.PUBLISHED}


def test_a_source_under_review_has_each_story_looked_at(watched: Watched) -> None:
    watched.write("old.md")
    watched.watch(review=True)
    watched.settle()
    assert watched.states() == {"old": S.IN_REVIEW}


# ---------------------------------------------------------------- the source itself


def test_a_missing_folder_is_said_and_forgotten_when_it_is_back(watched: Watched) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md")
    watched.settle()
    away = watched.folder.rename(watched.folder.with_name("away"))
    assert watched.look() == 0
    assert "no such file or directory. Put the folder back" in (watched.source().problem or "")
    assert watched.states() == {"ferry": S.PUBLISHED}
    away.rename(watched.folder)
    assert watched.look() == 0
    assert watched.source().problem is None


def test_a_folder_that_became_a_file_is_said(watched: Watched) -> None:
    watched.watch()
    shutil.rmtree(watched.folder)
    watched.folder.write_text("x", encoding="utf-8")
    watched.look()
    assert "not a directory" in (watched.source().problem or "")


def test_nobody_polls_a_source_that_is_not_known(watched: Watched) -> None:
    assert poll(watched.runtime, "nowhere") == 0


def test_a_source_that_was_just_looked_at_is_left_alone(watched: Watched) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md")
    watched.look()
    assert [poll(watched.runtime, "inbox") for _ in range(3)] == [0, 0, 0]
    assert watched.states() == {}


def test_two_polls_at_once_are_one(watched: Watched) -> None:
    watched.watch(baseline=False)
    for number in range(10):
        watched.write(f"ferry-{number}.md")
    watched.look()
    watched.clock.now += timedelta(seconds=2)
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda _: poll(watched.runtime, "inbox"), range(4)))
    assert sorted(read) == [0, 0, 0, 10]
    assert {article.version for article in watched.articles().values()} == {1}


def test_a_poll_whose_worker_was_lost_is_taken_over_after_its_lease(watched: Watched) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md")
    watched.look()
    with watched.runtime.sessions.begin() as session:
        source = session.get_one(SourceRow, "inbox")
        source.claimed_until = watched.clock.now + polling.LEASE
        session.add(source)
    assert watched.look() == 0
    watched.clock.now += polling.LEASE
    assert watched.look() == 1


def test_a_source_that_is_due_is_woken_and_no_other(watched: Watched) -> None:
    watched.watch(baseline=False)
    assert _woken(watched) == 1
    watched.look()
    assert _woken(watched) == 0
    watched.clock.now += polling.EVERY
    assert _woken(watched) == 1


def test_a_store_that_fails_blames_no_file(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md")
    watched.look()

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(polling, "receive", fail)
        with pytest.raises(OperationalError):
            watched.look()
    assert "cut short" in (watched.source().problem or "")
    assert watched.look() == 1
    assert (watched.states(), watched.source().problem) == ({"ferry": S.PUBLISHED}, None)


def test_a_file_that_cannot_be_stored_harms_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.watch(baseline=False)
    for name in ("a.md", "b.md", "c.md"):
        watched.write(name)
    watched.look()
    receive = polling.receive

    def choke_on_b(session: object, incoming: object, **rest: object) -> object:
        if incoming.external_id == "b":  # type: ignore[attr-defined]
            raise ValueError("a broken rule")
        return receive(session, incoming, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(polling, "receive", choke_on_b)
    assert watched.look() == 3
    assert watched.states().keys() == {"a", "c"}
    assert "cannot be stored (ValueError)" in watched.problems()["b.md"]
    assert watched.look() == 0


def test_a_folder_of_two_thousand_files_is_read_once(watched: Watched) -> None:
    for number in range(2000):
        kind = "jpg" if number % 10 else "md"
        watched.write(f"{number % 20}/ferry-{number}.{kind}")
    watched.watch()
    assert [watched.look() for _ in range(4)] == [0, 2000, 0, 0]
    watched.write("10/ferry-10.md", markdown("Ferry turns back"))
    assert [watched.look() for _ in range(3)] == [0, 1, 0]
    assert len(watched.articles()) == 200


def _woken(watched: Watched) -> int:
    before = len(list(watched.runtime.settings.queue_folder.glob("*.msg")))
    with watched.runtime.sessions.begin() as session:
        due_sources(session, watched.clock.now)
    return len(list(watched.runtime.settings.queue_folder.glob("*.msg"))) - before
