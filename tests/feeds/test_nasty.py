"""Nasty stories among good ones, as readers of the feed see them."""

import unicodedata
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from publisher.feeds import render
from publisher.feeds.directory import want
from publisher.feeds.models import FeedEntryRow
from publisher.feeds.publish import build
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.store import Runtime
from tests.feeds.samples import article, bring, document, feed_row, path, read, titles
from tests.feeds.subscribers import news
from tests.services.runtimes import Clock

FORMATS = ("rss", "atom", "json")
MANY = 5000


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.mark.parametrize(
    "cluster",
    [
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
        "\U0001f44d\U0001f3fd",
        "\U0001f1ee\U0001f1ea",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "q\u0323\u0301\u0302",
        "\u1112\u1161\u11ab\u11bc",
        "\u0915\u094d\u0937\u093f",
    ],
    ids=["family", "skin", "flag", "subdivision", "marks", "Hangul", "Devanagari"],
)
def test_the_summary_in_a_feed_ends_with_a_whole_character(runtime: Runtime, cluster: str) -> None:
    """However the cut falls: each story begins one letter later."""
    whole = unicodedata.normalize("NFC", cluster)
    stories = [
        news(f"s{n}", title=f"s{n}", paragraphs=("x" * n + cluster * 300,), rights_status="summary")
        for n in range(len(whole))
    ]
    bring(runtime, *stories)
    for fmt in FORMATS:
        entries = read(document(runtime, fmt), fmt)
        assert len(entries) == len(stories)
        for entry in entries:
            summary = entry["content"].partition("<p>")[2].partition("</p>")[0]
            assert summary.endswith("…")
            assert not summary.rstrip("…").lstrip("x").replace(whole, "")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\u2067عودة\u2069 lamps", "\u2067عودة\u2069 lamps"),
        ("\u2067عودة lamps", "\u2067عودة lamps\u2069"),
        ("lamps\u2069 \u2066on\u2069\u2069", "lamps \u2066on\u2069"),
        ("\u202eعودة \u2068\u2067lamps\u2069", "عودة \u2068\u2067lamps\u2069\u2069"),
    ],
)
def test_what_turns_the_direction_of_writing_ends_where_its_line_ends(
    runtime: Runtime, written: str, shown: str
) -> None:
    bring(runtime, news(title=written, summary=f"{written} again", tags=(written,)))
    for fmt in FORMATS:
        [entry] = read(document(runtime, fmt), fmt)
        assert entry["title"] == shown
        assert entry["categories"][-1] == shown


def test_of_a_long_summary_nothing_is_left_open_where_it_is_cut(runtime: Runtime) -> None:
    text = "The lamps of \u2067" + "عودة " * 200
    bring(runtime, news(paragraphs=(text,), rights_status="summary"))
    for fmt in FORMATS:
        content = read(document(runtime, fmt), fmt)[0]["content"]
        assert content.count("\u2067") == content.count("\u2069") == 1


@pytest.mark.parametrize(
    "huge",
    [
        {"body_html": "<p>The lamps &amp; quays.</p>\n" * 70_000},
        {"body_html": f"<p>{'lamp ' * 2_100_000}</p>", "paragraphs": ("lamp " * 2_100_000,)},
        {"body_html": f"<p>{'x' * 10_500_000}</p>", "paragraphs": ("x" * 10_500_000,)},
        {"summary": "lamp " * 2_100_000, "rights_status": "summary"},
    ],
    ids=["2 MB", "a node of 10 MB", "a word of 10 MB", "a summary of 10 MB"],
)
def test_a_huge_story_comes_as_an_excerpt_and_a_link_and_harms_no_other(
    runtime: Runtime, huge: dict[str, Any]
) -> None:
    bring(runtime, news(), news("huge", title="Huge", **huge))
    assert feed_row(runtime).problem is None
    for fmt in FORMATS:
        first, second = read(document(runtime, fmt), fmt)
        assert (first["title"], second["title"]) == ("Huge", news().title)
        assert "<p>Crews worked for a week.</p>" in second["content"]
        assert f'<a href="{first["link"]}">Read the story</a>' in first["content"]
        assert 20 < len(first["content"]) < 5000
        assert len(document(runtime, fmt)) < 50_000


def test_a_section_of_five_thousand_stories_is_a_feed_of_a_megabyte_at_most(
    runtime: Runtime, clock: Clock
) -> None:
    bring(runtime, news(body_html="<p>" + "lamp & " * 400 + "</p>"))
    clock.advance(minutes=5)
    bring(runtime, news("goal", title="A goal"))
    _copy(runtime, MANY)
    clock.advance(minutes=5)
    assert build(runtime, "harbour")
    for fmt in FORMATS:
        text = document(runtime, fmt, "harbour")
        assert len(text) <= render.DOCUMENT_BYTES
        found = titles(text, fmt)
        assert found[0] == "A goal"
        assert 50 <= len(found) == feed_row(runtime, "harbour").entries < 200
    assert path(runtime, "rss", "archive/harbour/1").exists()


@pytest.mark.parametrize("year", [2026, 999])
def test_a_time_without_a_zone_is_none_and_a_year_has_four_digits(
    runtime: Runtime, clock: Clock, year: int
) -> None:
    at = clock.now
    early = at.replace(year=999)
    bring(
        runtime,
        news(title="Without a zone", published_at=datetime(year, 3, 9)),
        news("early", title="Long ago", published_at=early),
    )
    for fmt in FORMATS:
        newest, oldest = read(document(runtime, fmt), fmt)
        assert (newest["title"], newest["published"]) == ("Without a zone", at)
        assert oldest["title"] == "Long ago"
        assert b"0999" in document(runtime, fmt)


def test_an_embargo_without_a_zone_holds_until_an_editor_acts(
    runtime: Runtime, clock: Clock
) -> None:
    passed = (clock.now - timedelta(days=1)).replace(tzinfo=None)
    bring(runtime, news("secret", title="Zirconium", embargo_until=passed), news())
    assert all(b"Zirconium" not in document(runtime, fmt) for fmt in FORMATS)


def _copy(runtime: Runtime, times: int) -> None:
    """So many stories more like the only one, as an import leaves them."""
    with runtime.sessions.begin() as session:
        first = article(session)
        rows = {
            table: dict(session.execute(sa.select(table).where(where)).mappings().one())
            for table, where in (
                (ArticleRow.__table__, ArticleRow.id == first.id),
                (ArticleVersionRow.__table__, ArticleVersionRow.id == first.version_id),
            )
        }
        for table, row in rows.items():
            session.execute(sa.insert(table), [_numbered(row, 1000 + n) for n in range(times)])
        members = [{"slug": "harbour", "article_id": 1000 + n} for n in range(times)]
        session.execute(sa.insert(FeedEntryRow.__table__), members)
        want(session, ["harbour"])


def _numbered(row: dict[str, Any], number: int) -> dict[str, Any]:
    given = {"id": number, "article_id": number, "version_id": number, "external_id": f"s{number}"}
    given["uuid"] = f"01957f00-0000-7000-8000-{number:012d}"
    return row | {name: value for name, value in given.items() if name in row}
