"""Page dumps: the sample of the shared fixtures, and an invented article in all its shapes."""

import json
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.newsroom.incoming import Comments, Dateline
from publisher.newsroom.text import reading_minutes, slugify, word_count
from publisher.sources.dump import parse_dump
from tests.sources.dumps import (
    BODY,
    DATELINE,
    HEAD,
    LAST,
    MIDDLE,
    NUMBERS,
    OPENING,
    PARAGRAPHS,
    TAIL,
    TITLE,
    dump,
    read,
)

SAMPLE = "000_64bb64205623aeac"


def test_the_sample_article_parses_exactly_to_its_expected_fields(shared_fixtures: Path) -> None:
    raw = (shared_fixtures / f"{SAMPLE}.txt").read_bytes()
    expected = json.loads((shared_fixtures / f"{SAMPLE}.expected.json").read_text("utf-8"))
    article = parse_dump(raw, source="sample", external_id=SAMPLE, language="en")
    words = word_count(article.paragraphs)
    dateline, comments = article.dateline, article.comments
    assert dateline is not None
    assert comments is not None
    assert article.problem is None
    assert {
        "section": article.section_printed,
        "title": article.title,
        "slug": slugify(article.title),
        "dateline": {
            "text": dateline.text,
            "place": dateline.place,
            "country": dateline.country,
            "country_code": dateline.country_code,
        },
        "credit": article.credit,
        "byline": article.byline,
        "published_at": article.published_at,
        "url": article.url,
        "language_from_source_setting": article.language,
        "unparsed_head": list(article.unparsed_head),
        "comments": {"open": comments.open, "count": comments.count},
        "related": list(article.related),
        "paragraph_count": len(article.paragraphs),
        "word_count": words,
        "reading_minutes": reading_minutes(words),
        "body_characters": len("\n\n".join(article.paragraphs)),
        "first_paragraph_starts": article.paragraphs[0][:28],
        "last_paragraph_starts": article.paragraphs[-1][:30],
        "last_paragraph_ends": article.paragraphs[-1][-43:],
        "chrome_dropped": list(article.chrome_dropped),
        "paragraphs": list(article.paragraphs),
    } == expected


def test_an_invented_article_of_the_same_shape_parses_the_same_way() -> None:
    article = read(dump())
    assert article.problem is None
    assert (article.title, article.section, article.section_name) == (TITLE, "harbour", "Harbour")
    assert article.dateline == Dateline(DATELINE, "PORT ELLERY", "Ireland", "IE")
    assert (article.credit, article.byline) == ("HBR", None)
    assert article.paragraphs == PARAGRAPHS
    assert article.body_html == "\n".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    assert article.unparsed_head == (NUMBERS,)
    assert article.comments == Comments(open=True, count=0)
    assert (article.published_at, article.url, article.related) == (None, None, ())
    assert article.chrome_dropped == ("Connect with us", *TAIL)


def wrapped(width: int) -> str:
    return "\n\n".join(textwrap.fill(block, width) for block in dump().split("\n\n"))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(wrapped(40), id="wrapped at 40 columns"),
        pytest.param(wrapped(72), id="wrapped at 72 columns"),
        pytest.param(dump().replace("\n", "\r\n"), id="lines end in CRLF"),
        pytest.param(dump().replace("\n", "\r"), id="lines end in CR"),
        pytest.param(dump().replace("\n\n", "\u2029"), id="paragraph separators"),
        pytest.param(dump().replace("\n\n", "\n \t\n\n"), id="blank lines are not empty"),
        pytest.param(dump().replace("\n\n", "\n"), id="no blank lines"),
        pytest.param(dump().replace(" ", "\u00a0"), id="spaces that do not break"),
        pytest.param(dump().encode("cp1252"), id="Windows-1252"),
        pytest.param(dump().encode("utf-8-sig"), id="byte order mark"),
        pytest.param(dump().encode("utf-16"), id="UTF-16"),
        pytest.param(dump() + "\n", id="final line end"),
    ],
)
def test_the_way_a_dump_was_written_down_makes_no_difference(raw: str | bytes) -> None:
    assert read(raw) == read(dump())


def test_another_agency_is_the_credit() -> None:
    article = read(dump().replace("HBR", "Reuters"))
    assert article.credit == "Reuters"
    assert replace(article, credit="HBR", dateline=None) == replace(read(dump()), dateline=None)


def test_without_a_section_above_the_one_below_the_text_counts() -> None:
    assert read(dump(head=("Connect with us", TITLE, NUMBERS))) == read(dump())


def test_without_any_section_the_headline_is_still_the_headline() -> None:
    article = read(dump(head=("Connect with us", TITLE), tail=TAIL[:-1]))
    assert (article.title, article.section) == (TITLE, None)
    assert article.paragraphs == PARAGRAPHS


def test_a_short_headline_above_the_text_is_no_section() -> None:
    article = read(dump(head=("Ferry returns",), tail=()))
    assert (article.title, article.section) == ("Ferry returns", None)


@pytest.mark.parametrize(
    ("line", "comments"),
    [
        ("12 Comments", Comments(open=True, count=12)),
        ("1 Comment", Comments(open=True, count=1)),
        ("Comments (3)", Comments(open=True, count=3)),
        ("Comments", Comments(open=True, count=None)),
        ("Comments are closed", Comments(open=False, count=None)),
        ("Click to comment", Comments(open=True, count=0)),
    ],
)
def test_a_comment_box_ends_the_text_and_says_how_many(line: str, comments: Comments) -> None:
    article = read(dump(tail=(line, "Joe says:", "I liked the old ferry better.", *TAIL[1:])))
    assert article.comments == comments
    assert article.paragraphs == PARAGRAPHS
    assert article.related == ()


def test_a_phrase_like_the_comment_button_inside_a_sentence_cuts_nothing() -> None:
    sentence = "Passengers may click to comment on the new timetable, and more in harbour news too."
    article = read(dump(body=(BODY[0], sentence, LAST)))
    assert article.paragraphs == (OPENING, sentence, LAST)


def test_a_deck_between_headline_and_dateline_is_no_text() -> None:
    deck = "Passengers slept in the school while winds of 60 knots closed the pier."
    article = read(dump(head=(*HEAD[:3], deck, NUMBERS)))
    assert article.deck == deck
    assert article.unparsed_head == (NUMBERS,)
    assert article.paragraphs == PARAGRAPHS


def test_a_date_in_the_dateline_is_not_a_country() -> None:
    article = read(dump().replace(DATELINE, "PORT ELLERY, Nov 26 AFP -"))
    assert article.dateline == Dateline("PORT ELLERY, Nov 26 AFP -", "PORT ELLERY")
    assert article.credit == "AFP"
    assert article.paragraphs[0] == OPENING


def test_a_dateline_is_looked_for_in_the_first_paragraph_only() -> None:
    later = "ELSEWHERE (HBR) — Two smaller boats stayed in harbour."
    article = read(dump(body=(BODY[0], later, LAST)))
    assert article.paragraphs[1] == later


def test_headlines_below_more_in_are_related_and_never_text() -> None:
    below = (
        "North light to be repaired in May",
        "HARBOUR",
        "2 days ago",
        "Bread prices fall again",
    )
    apart = read(dump(tail=(*TAIL, *below)))
    listed = read(dump() + "\n" + "\n".join(below))
    assert apart.related == (below[0], below[3])
    assert listed.related == apart.related
    assert apart.paragraphs == PARAGRAPHS


def test_a_person_above_the_text_is_the_byline() -> None:
    meta = ("Published", "2 days ago", "on", "August 19, 2024", "By", "Ann Other, HBR")
    article = read(dump(head=(*HEAD[:3], *meta)))
    assert article.byline == "Ann Other"
    assert article.published_at is None
    assert article.unparsed_head == ("August 19, 2024",)


@pytest.mark.parametrize("agency", ["HBR", "Reuters", "The Associated Press", "HBR Staff"])
def test_an_agency_never_becomes_the_byline(agency: str) -> None:
    assert read(dump(head=(*HEAD[:3], f"By {agency}"))).byline is None


def test_an_agency_named_only_above_the_text_is_the_credit() -> None:
    article = read(dump(head=(*HEAD[:3], "By Reuters"), body=PARAGRAPHS))
    assert (article.byline, article.credit) == (None, "Reuters")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (TITLE, "no text"),
        ("\n\n".join(HEAD), "no text"),
        (dump(body=(LAST,)), "only 13 words"),
        (" ".join([MIDDLE] * 3), "no headline"),
        ("", "empty"),
        (" \n\n ", "empty"),
    ],
)
def test_half_an_article_is_a_problem_in_a_clear_sentence(text: str, word: str) -> None:
    problem = read(text).problem or ""
    assert word in problem
    assert problem.endswith(".")


def test_a_page_saved_with_the_wrong_suffix_is_named_as_such() -> None:
    assert ".html" in (read("<!DOCTYPE html><html><body>Text</body></html>").problem or "")


def test_a_dump_cut_short_anywhere_is_noticed_unless_it_ends_a_sentence() -> None:
    raw = dump().encode()
    unnoticed = [raw[:end] for end in range(len(raw)) if read(raw[:end]).problem is None]
    assert all(_is_whole(text.decode()) for text in unnoticed)


def _is_whole(text: str) -> bool:
    return text.rstrip().endswith((".", "”")) or LAST in text
