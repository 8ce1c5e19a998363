"""Picking up by hand: every file named becomes an article or a reason, and no baseline."""

import os
from pathlib import Path

from sqlmodel import select

from publisher.newsroom.models import ArticleRow
from publisher.newsroom.models import ArticleState as S
from publisher.sources.pickup import Picked, pick_up
from publisher.sources.register import PICKUP
from tests.sources.folder import EDITOR, Watched, markdown


def pick(watched: Watched, *paths: Path) -> list[Picked]:
    """Pick up as an editor."""
    return list(pick_up(watched.runtime, paths or (watched.folder,), by=EDITOR))


def test_a_file_that_is_picked_up_is_out_and_will_be_mailed(watched: Watched) -> None:
    path = watched.write("ferry.md")
    (picked,) = pick(watched, path)
    assert (picked.path, picked.state, picked.outcome) == (path, "published", "new")
    row = watched.articles()["ferry"]
    assert (row.source, row.baseline, row.state) == (PICKUP, False, S.PUBLISHED)
    assert picked.article is not None
    assert picked.article.uuid == row.uuid


def test_the_same_file_twice_is_one_article(watched: Watched) -> None:
    path = watched.write("ferry.md")
    assert [picked.outcome for picked in pick(watched, path, path)] == ["new", "unchanged"]
    path.write_text(markdown("Ferry turns back"), encoding="utf-8")
    (picked,) = pick(watched, path)
    assert (picked.outcome, watched.articles()["ferry"].version) == ("updated", 2)


def test_a_folder_is_picked_up_whole_in_order(watched: Watched) -> None:
    for name in ("b/2.md", "b/1.md", "a.md", ".hidden.md"):
        watched.write(name)
    names = [picked.path.relative_to(watched.folder).as_posix() for picked in pick(watched)]
    assert names == ["a.md", "b/1.md", "b/2.md"]
    assert list(watched.articles()) == ["a", "b/1", "b/2"]


def test_a_bad_file_is_quarantined_or_skipped_and_stops_no_other(watched: Watched) -> None:
    watched.write("a.md")
    watched.write("b.md", b"")
    watched.write("c.jpg", b"\xff\xd8\xff")
    os.mkfifo(watched.folder / "d.md")
    (watched.folder / "e.md").symlink_to("/etc/hostname")
    watched.write("z.md")
    picked = {one.path.name: one for one in pick(watched)}
    states = ["published", "quarantined", "skipped", "skipped", "skipped", "published"]
    assert [one.state for one in picked.values()] == states
    assert "empty" in (picked["b.md"].reason or "")
    assert "must end in" in (picked["c.jpg"].reason or "")
    assert watched.states() == {"a": S.PUBLISHED, "b": S.QUARANTINED, "z": S.PUBLISHED}


def test_a_file_that_is_gone_leaves_no_row(watched: Watched) -> None:
    (picked,) = pick(watched, watched.folder / "gone.md")
    assert (picked.state, picked.article) == ("skipped", None)
    assert watched.articles() == {}


def test_an_embargoed_file_says_until_when(watched: Watched) -> None:
    path = watched.write("ferry.md", markdown(embargo="2030-01-01T09:00:00Z"))
    (picked,) = pick(watched, path)
    assert picked.state == "embargoed"
    assert "2030-01-01 09:00 UTC" in (picked.reason or "")


def test_a_folder_that_is_watched_and_picked_up_keeps_two_records(watched: Watched) -> None:
    """Each source has ids of its own; near-duplicates are a later matter."""
    watched.write("ferry.md")
    watched.watch(baseline=False)
    watched.settle()
    pick(watched)
    with watched.runtime.sessions.read() as session:
        rows = session.exec(select(ArticleRow)).all()
    assert sorted(row.source for row in rows) == ["inbox", PICKUP]


def test_an_editor_may_pick_up_many_at_once(watched: Watched) -> None:
    for number in range(60):
        watched.write(f"ferry-{number}.md")
    assert {picked.state for picked in pick(watched)} == {"published"}


def test_an_embargo_on_what_is_out_is_said(watched: Watched) -> None:
    path = watched.write("ferry.md")
    pick(watched)
    path.write_text(markdown("Turns back", embargo="2030-01-01T09:00:00Z"), encoding="utf-8")
    (picked,) = pick(watched)
    assert (picked.state, picked.outcome) == ("published", "barred")
    assert "when its embargo is over" in (picked.reason or "")
