"""Entries are written once, kept, and never stale."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from publisher.feeds import fragments
from publisher.feeds.fragments import Writer, writer_for
from publisher.feeds.select import Story
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.versions import version_row
from publisher.pages.environment import environment
from publisher.pages.links import Links
from publisher.settings import load_settings
from tests.feeds.samples import ADDRESS, NOON, story
from tests.services.environment import ROOT


@pytest.fixture
def writer() -> Writer:
    return Writer(Links(ADDRESS), environment(load_settings()))


def test_an_entry_is_written_once(writer: Writer) -> None:
    stories = [_story(number) for number in range(5)]
    first = writer.write_all(stories)
    again = writer.write_all([_story(9), *stories])
    assert writer.writings == 6
    assert again[0][1:] == first[0]


@pytest.mark.parametrize(
    ("article", "version"),
    [
        ({"correction": "It was Tuesday."}, {}),
        ({"updated_at": NOON + timedelta(hours=1)}, {}),
        ({"rights_status": "summary"}, {}),
        ({"language": "nl"}, {}),
        ({"published_at": NOON - timedelta(hours=1)}, {}),
        ({}, {"title": "Lights"}),
        ({}, {"body_html": "<p>Else.</p>"}),
        ({}, {"image": None}),
        ({}, {"byline": "Tom Reed"}),
        ({}, {"tags": ["else"]}),
        ({}, {"comments": None}),
        ({}, {"dateline": {"text": "PORT ELLERY"}}),
    ],
)
def test_whatever_changes_a_story_writes_it_again(
    writer: Writer, article: dict[str, Any], version: dict[str, Any]
) -> None:
    before = writer.write_all([_story(1)])[0]
    after = writer.write_all([_story(1, article, version)])[0]
    assert writer.writings == 2
    assert before != after


def test_a_feed_of_summaries_has_texts_of_its_own(writer: Writer) -> None:
    whole, short = (writer.write_all([_story(1)], summary_only=one)[0][0] for one in (False, True))
    assert whole is not None
    assert short is not None
    assert b"Crews worked" in whole.fragments["rss"]
    assert b"Crews worked" not in short.fragments["rss"]


def test_an_edited_template_is_used_at_once(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates" / "feeds", tmp_path / "feeds")
    env = environment(load_settings(), override=tmp_path)
    writer = Writer(Links(ADDRESS), env)
    writer.write_all([_story(1)])
    (tmp_path / "feeds" / "entry.html").write_text("<p>New words.</p>")
    [written], _ = writer.write_all([_story(1)])
    assert written is not None
    assert b"New words." in written.fragments["json"]


def test_what_is_kept_has_a_bound(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "KEPT_BYTES", 10_000)
    stories = [_story(number) for number in range(40)]
    writer.write_all(stories)
    writer.write_all(stories[-2:])
    assert writer.writings == 40
    writer.write_all(stories[:1])
    assert writer.writings == 41


def test_a_story_too_large_without_its_text_is_left_out_with_the_reason(writer: Writer) -> None:
    tags = [f"tag {number} of the harbour" for number in range(20_000)]
    written, left_out = writer.write_all([_story(1, {}, {"tags": tags}), _story(2)])
    assert written[0] is None
    assert written[1] is not None
    assert "bytes, even without its text" in left_out[0]


def test_a_missing_template_fails_stories_and_says_so(tmp_path: Path) -> None:
    writer = Writer(Links(ADDRESS), Environment(loader=FileSystemLoader(tmp_path), autoescape=True))
    written, left_out = writer.write_all([_story(1)])
    assert written == [None]
    assert "feeds/" in left_out[0]


def test_a_process_has_one_writer_for_a_site() -> None:
    settings = load_settings(site_name="The Harbour Record")
    assert writer_for(settings) is writer_for(settings.model_copy())
    assert writer_for(settings) is not writer_for(load_settings(base_url="https://harbour.example"))


def _story(
    number: int, article: dict[str, Any] | None = None, version: dict[str, Any] | None = None
) -> Story:
    incoming = story(f"s{number}", title=f"Lights {number}")
    row = version_row(number, 1, incoming, f"{number} {version}", NOON)
    for name, value in (version or {}).items():
        setattr(row, name, value)
    fields = {
        "uuid": f"01957f00-0000-7000-8000-{number:012d}",
        "rights_status": "full",
        "received_at": NOON,
        "eligible_at": NOON,
        "updated_at": NOON,
    }
    return ArticleRow(**{**fields, **(article or {})}), row
