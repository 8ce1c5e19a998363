"""A file in the watched folder becomes an article in the feeds, by the tasks alone."""

import os
from pathlib import Path

import pytest
from sqlmodel import col, select

from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.sources.models import SourceFileRow
from publisher.sources.register import NewFolder, add_folder
from publisher.store import utc_now
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


@pytest.fixture
def folder(newsroom: LiveNewsroom, tmp_path: Path) -> Path:
    """A watched folder; its name is that of its source."""
    watched = tmp_path / f"desk-{tmp_path.name[-1]}-{os.urandom(4).hex()}"
    watched.mkdir()
    with newsroom.runtime.sessions.begin() as session:
        new = NewFolder(watched.name, watched, baseline=False)
        add_folder(session, new, by=EDITOR, now=utc_now())
    return watched


def test_a_file_dropped_into_the_folder_is_soon_in_every_feed(
    newsroom: LiveNewsroom, folder: Path
) -> None:
    everywhere = in_all_formats("Mussel")
    _drop(folder, "mussels.md", "Mussel beds to reopen", "Beds")
    with newsroom.web() as browser:
        until("the story is in three feeds", lambda: entries(browser, "beds") == everywhere)
        until("and in the whole site's", lambda: everywhere <= entries(browser, "all"))


def test_the_same_file_twice_is_one_article(newsroom: LiveNewsroom, folder: Path) -> None:
    _drop(folder, "ferry.md", "Ferry to run late", "Ferries")
    until("the article is there", lambda: _articles(newsroom, folder))
    _drop(folder, "ferry.md", "Ferry to run late", "Ferries")
    _drop(folder, "marker.md", "A later story", "Ferries")
    until("what was dropped later is there", lambda: len(_articles(newsroom, folder)) == 2)
    assert _articles(newsroom, folder) == {"ferry": [1], "marker": [1]}


def test_a_half_written_file_waits_until_it_is_whole(newsroom: LiveNewsroom, folder: Path) -> None:
    text = ARTICLE.format(title="The last slip", section="Yards")
    half = len(text) // 2
    with (folder / "slip.md").open("w", encoding="utf-8") as file:
        file.write(text[:half])
        file.flush()
        until("the half file was looked at", lambda: _seen(newsroom, folder))
        file.write(text[half:])
    until("the article is there", lambda: _articles(newsroom, folder))
    assert _articles(newsroom, folder) == {"slip": [1]}
    assert _text(newsroom, folder).endswith("It was clean each time.")


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


def _text(newsroom: LiveNewsroom, folder: Path) -> str:
    statement = (
        select(ArticleVersionRow)
        .join(ArticleRow, col(ArticleVersionRow.article_id) == col(ArticleRow.id))
        .where(ArticleRow.source == folder.name)
    )
    with newsroom.runtime.sessions.read() as session:
        return session.exec(statement).one().paragraphs[-1]


def _seen(newsroom: LiveNewsroom, folder: Path) -> bool:
    with newsroom.runtime.sessions.read() as session:
        statement = select(SourceFileRow).where(SourceFileRow.source == folder.name)
        return session.exec(statement).first() is not None
