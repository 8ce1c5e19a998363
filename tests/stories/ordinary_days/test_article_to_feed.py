"""A file in the watched folder becomes an article in the feeds, by the tasks alone."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.sources.models import SourceFileRow
from publisher.sources.register import NewFolder, add_folder
from publisher.store import utc_now
from tests.services.runtimes import point_queue_at
from tests.stories.feeds import entries, in_all_formats
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until
from tests.world import EDITOR

ARTICLE = """---
title: {title}
section: {section}
---

PORT ELLERY (HBR) — The mussel beds off the north mole reopen on Friday after four years.

The harbour board has had the water tested every week since the spring. It was clean each time.
"""
SLIP = ARTICLE.format(title="The last slip", section="Yards")
HALF, OTHER_HALF = SLIP[: len(SLIP) // 2], SLIP[len(SLIP) // 2 :]


@pytest.fixture(scope="module")
def folder(town: LiveNewsroom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A watched folder after a busy minute: each test looks at one file of it."""
    point_queue_at(town.runtime.settings)
    folder = tmp_path_factory.mktemp("desk")
    with town.runtime.sessions.begin() as session:
        new = NewFolder(folder.name, folder, baseline=False)
        add_folder(session, new, by=EDITOR, now=utc_now())
    _drop(folder, "mussels.md", "Mussel beds to reopen", "Beds")
    _drop(folder, "ferry.md", "Ferry to run late", "Ferries")
    with (folder / "slip.md").open("w", encoding="utf-8") as file:
        file.write(HALF)
        file.flush()
        until("the half file was looked at", lambda: "slip.md" in _seen(town, folder))
        file.write(OTHER_HALF)
    until(
        "whole files are articles", lambda: {"mussels", "ferry"} <= _articles(town, folder).keys()
    )
    _drop(folder, "ferry.md", "Ferry to run late", "Ferries")
    _drop(folder, "marker.md", "What came last", "Ferries")
    until("what came last is there", lambda: "marker" in _articles(town, folder))
    return folder


def test_a_file_dropped_into_the_folder_is_soon_in_every_feed(
    newsroom: LiveNewsroom, folder: Path
) -> None:
    everywhere = in_all_formats("Mussel")
    with newsroom.web() as browser:
        until("the story is in three feeds", lambda: entries(browser, "beds") == everywhere)
        until("and in the whole site's", lambda: everywhere <= entries(browser, "all"))


def test_the_same_file_twice_is_one_article(newsroom: LiveNewsroom, folder: Path) -> None:
    assert _articles(newsroom, folder)["ferry"] == [1]


def test_a_half_written_file_waits_until_it_is_whole(newsroom: LiveNewsroom, folder: Path) -> None:
    assert _articles(newsroom, folder)["slip"] == [1]
    assert _text(newsroom, folder, "slip").endswith("It was clean each time.")


def _drop(folder: Path, name: str, title: str, section: str) -> None:
    (folder / name).write_text(ARTICLE.format(title=title, section=section), encoding="utf-8")


def _articles(newsroom: LiveNewsroom, folder: Path) -> dict[str, list[int]]:
    """The source's articles, with the numbers of their versions."""
    statement = (
        select(ArticleRow.external_id, ArticleVersionRow.number)
        .join(ArticleVersionRow, col(ArticleVersionRow.article_id) == col(ArticleRow.id))
        .where(ArticleRow.source == folder.name)
        .order_by(col(ArticleVersionRow.number))
    )
    found: dict[str, list[int]] = {}
    with newsroom.runtime.sessions.read() as session:
        for external_id, number in session.exec(statement):
            found.setdefault(external_id, []).append(number)
    return found


def _text(newsroom: LiveNewsroom, folder: Path, external_id: str) -> str:
    """The last paragraph of an article."""
    statement = (
        select(ArticleVersionRow)
        .join(ArticleRow, col(ArticleVersionRow.article_id) == col(ArticleRow.id))
        .where(ArticleRow.source == folder.name, ArticleRow.external_id == external_id)
    )
    with newsroom.runtime.sessions.read() as session:
        return session.exec(statement).one().paragraphs[-1]


def _seen(newsroom: LiveNewsroom, folder: Path) -> set[str]:
    """The files that were looked at, whole or not."""
    with newsroom.runtime.sessions.read() as session:
        statement = select(SourceFileRow.path).where(SourceFileRow.source == folder.name)
        return set(session.exec(statement))
