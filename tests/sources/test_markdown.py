"""Markdown with front matter, as editors write it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.newsroom.incoming import Comments, Image, Incoming, Rights
from publisher.sources.markdown import parse_markdown

TEXT = (
    "The ferry ran again on Thursday after seven days of storms, and half the town came down to "
    "the pier to watch her leave with post, bread and forty passengers who had slept in the school."
)
BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str | bytes) -> Incoming:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return parse_markdown(raw, source="desk", external_id="a/ferry", language="en", zone=BERLIN)


def story(front: str, body: str = TEXT) -> Incoming:
    return read(f"---\n{front}\n---\n\n{body}\n")


def test_every_known_key_arrives() -> None:
    article = story("""
id: 0123
title: "Ferry returns: at last"
deck: A week of storms is over
section: WORLD NEWS
language: en_IE
date: 2026-11-20 08:30
updated: 2026-11-20T10:00:00+01:00
author: By Ann Other
credit: HBR
summary: She sails again.
image: /ferry.jpg
image_alt: The ferry at the pier
image_credit: Ida Thorne
image_caption: On Thursday
tags: [ferry, storms]
url: https://harbour.example/ferry
urgency: 2
embargo: 2026-11-21T06:00:00-05:00
rights: full
comments_url: /ferry#comments""")
    assert article.problem is None
    assert (article.external_id, article.language) == ("0123", "en-IE")
    assert (article.title, article.deck) == ("Ferry returns: at last", "A week of storms is over")
    assert (article.section, article.section_name) == ("world-news", "World News")
    assert article.published_at == datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    assert article.version_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert (article.byline, article.credit) == ("Ann Other", "HBR")
    assert article.summary == "She sails again."
    assert article.image == Image(
        "https://harbour.example/ferry.jpg", "The ferry at the pier", "Ida Thorne", "On Thursday"
    )
    assert article.tags == ("ferry", "storms")
    assert article.urgency == 2
    assert article.embargo_until == datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
    assert not article.embargo_held
    assert article.rights_status == "full"
    assert article.comments == Comments(open=True, url="https://harbour.example/ferry#comments")
    assert article.paragraphs == (TEXT,)


def test_what_a_story_says_of_its_use_is_kept() -> None:
    article = story("""
title: Ferry returns
copyright: © 2026 The Harbour Record
copyright-holder: The Harbour Record
usage_terms: Not for use in Ireland.
license: https://harbour.example/licence
expires: 2026-12-24 18:00
digital_source_type: https://cv.iptc.org/newscodes/digitalsourcetype/humanEdits/""")
    assert article.rights == Rights(
        "The Harbour Record",
        "© 2026 The Harbour Record",
        "Not for use in Ireland.",
        "https://harbour.example/licence",
    )
    assert article.expires_at == datetime(2026, 12, 24, 17, 0, tzinfo=UTC)
    assert article.digital_source == "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"
    assert article.unparsed_head == ()


@pytest.mark.parametrize("value", ["NO", "0123", "1.10", "12:30", "2026-11-20", "~", "on"])
def test_no_value_changes_its_type(value: str) -> None:
    assert story(f"title: {value}\nid: {value}").title == value
    assert story(f"title: x\nid: {value}").external_id == value


def test_a_time_without_a_zone_is_in_the_sources_zone() -> None:
    day = story("title: x\ndate: 2026-07-01").published_at
    assert day == datetime(2026, 6, 30, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("written", ["19/08/2024", "yesterday", "1724061600", "0001-01-01"])
def test_a_date_that_cannot_be_read_stays_missing_and_is_kept_for_the_editors(written: str) -> None:
    article = story(f"title: x\ndate: {written}")
    assert article.published_at is None
    assert article.unparsed_head == (f"date: {written}",)


@pytest.mark.parametrize(
    "line",
    ["expires: soon", "license: by agreement", "digital_source_type: trainedAlgorithmicMedia"],
)
def test_terms_that_cannot_be_read_are_kept_for_the_editors(line: str) -> None:
    article = story(f"title: x\n{line}")
    assert (article.expires_at, article.rights, article.digital_source) == (None, Rights(), None)
    assert article.unparsed_head == (line,)


@pytest.mark.parametrize(
    "line",
    [
        "embargo:",
        'embargo: ""',
        "embargo: 2026-11-21 06:00",
        "embargo: 2026-11-21",
        "embargo: Friday 6 a.m.",
        "embargo: 2026-11-21 06:00 EST",
        "embargo: 9999-12-31T23:59:59-05:00",
        "embargo: [a, b]",
        "Embargo: none",
        "embargo: 2026-11-21T06:00:00Z\nembargo_until: soon",
    ],
)
def test_an_embargo_that_cannot_be_read_to_the_minute_is_held(line: str) -> None:
    article = story(f"title: x\n{line}")
    assert article.embargo_held
    assert article.embargo_until is None


def test_an_embargo_may_name_its_zone() -> None:
    article = story("title: x\nembargo: 2026-11-21 06:00 America/New_York")
    assert article.embargo_until == datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


def test_an_embargo_in_the_doubled_hour_ends_with_the_later_one() -> None:
    article = story("title: x\nembargo: 2026-11-01 01:30 America/New_York")
    assert article.embargo_until == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "signal"),
    [
        ("killed", "kill"),
        ("Canceled", "kill"),
        ("withdrawn", "withdraw"),
        ("hold", "hold"),
        ("on hold", "hold"),
        ("published", "usable"),
    ],
)
def test_a_status_is_a_signal(status: str, signal: str) -> None:
    assert story(f"title: x\nstatus: {status}").signal == signal


def test_an_order_to_kill_needs_no_text() -> None:
    article = read("---\nid: ferry\nstatus: killed\nreason: The captain was misquoted\n---\n")
    assert (article.signal, article.problem) == ("kill", None)
    assert article.note == "The captain was misquoted"


def test_an_unknown_status_is_never_published() -> None:
    assert "draft" in (story("title: x\nstatus: draft").problem or "")


def test_a_correction_is_a_signal_with_its_note() -> None:
    article = story("title: x\ncorrection: The ferry has 40 places, not 400.")
    assert (article.signal, article.note) == ("correction", "The ferry has 40 places, not 400.")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f"---\ntitle: Ferry: she sails\n---\n{TEXT}", "quotes"),
        (f"---\ntitle: x\n\n{TEXT}", "not closed"),
        (f"+++\ntitle = 'x'\n+++\n{TEXT}", "TOML"),
        (f"---\njust words\n---\n{TEXT}", "key: value"),
        (f"---\na: &a [*a]\n---\n{TEXT}", "cannot be read"),
        (f"---\n{'[' * 9000}\n---\n{TEXT}", "nested"),
        (f"---\ntitle: {'x' * 70_000}\n---\n{TEXT}", "64,000"),
        ("---\ntitle: x\n---\n" + "word " * 300_000, "million"),
        ("---\ntitle: x\n---\nToo few words.", "3 words"),
        (f"---\nsection: x\n---\n{TEXT}", "headline"),
        ("", "empty"),
    ],
)
def test_broken_files_are_problems_in_clear_sentences(text: str, word: str) -> None:
    assert word in (read(text).problem or "")


def test_a_python_object_in_yaml_is_only_text() -> None:
    assert story("title: !!python/object/apply:os.getcwd []").title == ""


def test_a_byte_order_mark_hides_nothing() -> None:
    assert read(f"\ufeff---\ntitle: Ferry\n---\n{TEXT}").title == "Ferry"


def test_windows_line_ends_are_fine() -> None:
    assert read(f"---\r\ntitle: Ferry\r\n---\r\n{TEXT}\r\n").paragraphs == (TEXT,)


def test_without_front_matter_the_first_heading_is_the_headline() -> None:
    article = read(f"# Ferry *returns*\n\n{TEXT}")
    assert (article.title, article.paragraphs) == ("Ferry returns", (TEXT,))


def test_a_headline_is_not_shown_twice() -> None:
    assert story("title: Ferry returns", f"# Ferry Returns\n\n{TEXT}").paragraphs == (TEXT,)


def test_the_dateline_leaves_the_text_and_its_html_whatever_tags_it_wears() -> None:
    article = story("title: x", f"**PORT ELLERY**, *Ireland* (HBR) — {TEXT}\n\nIt was Thursday.")
    assert article.dateline is not None
    assert (article.dateline.place, article.credit) == ("PORT ELLERY", "HBR")
    assert article.body_html == f"<p>{TEXT}</p>\n<p>It was Thursday.</p>"


def test_an_agency_as_author_is_the_credit() -> None:
    article = story("title: x\nauthor: Reuters")
    assert (article.byline, article.credit) == (None, "Reuters")


def test_several_authors_share_the_byline() -> None:
    assert story("title: x\nauthors: [Ann Other, {name: Ida Thorne}]").byline == (
        "Ann Other, Ida Thorne"
    )


def test_pictures_without_an_absolute_address_stay_out() -> None:
    article = story("title: x\nimage: ferry.jpg", f"{TEXT}\n\n![Ferry](ferry.jpg)")
    assert article.image is None
    assert "<img" not in article.body_html


def test_pictures_are_found_beside_the_articles_own_address() -> None:
    article = story(
        "title: x\nurl: https://harbour.example/2026/ferry\nimage: {url: f.jpg, alt: Ferry}",
        f"{TEXT}\n\n![Pier](p.jpg)",
    )
    assert article.image == Image("https://harbour.example/2026/f.jpg", "Ferry")
    assert '<img src="https://harbour.example/2026/p.jpg" alt="Pier">' in article.body_html


def test_html_in_markdown_is_sanitised() -> None:
    article = story("title: x", f"{TEXT}\n\n<script>x</script><p onclick=x>[a](javascript:x)</p>")
    assert article.body_html == f"<p>{TEXT}</p>\n<p>[a](javascript:x)</p>"


@given(st.text())
def test_any_text_is_an_article_or_a_problem(text: str) -> None:
    read(text)


@given(st.text(alphabet=":-[]{}&*!|>'\"#%@,\n abt"))
def test_any_front_matter_is_read_or_a_problem(front: str) -> None:
    story(front)
