"""Plain words: cleaning, slugs, sections, summaries, counts, direction."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.newsroom.text import (
    clean_text,
    direction,
    one_line,
    reading_minutes,
    section_name,
    section_slug,
    slugify,
    summarise,
    word_count,
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("e\u0301", "é"),
        ("a\u00a0b\u202fc", "a b c"),
        ("a\u200bb\ufeff", "ab"),
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("a\0b\x1bc\x9fd", "abcd"),
        ("a\ufffeb\uffffc", "abc"),
        ("a\ud800b", "ab"),
        ("\u202eevil\u202c", "evil"),
        ("a\tb", "a b"),
        ("न्\u200dय \U0001f468\u200d\U0001f469", "न्\u200dय \U0001f468\u200d\U0001f469"),
    ],
)
def test_text_is_brought_into_one_safe_form(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\u2067عودة\u2069 lamps", "\u2067عودة\u2069 lamps"),
        ("\u2067عودة\nlamps", "\u2067عودة lamps\u2069"),
        ("lamps\u2069 on", "lamps on"),
    ],
)
def test_what_turns_the_direction_of_writing_ends_within_its_line(text: str, line: str) -> None:
    assert one_line(text) == line
    assert one_line(line) == line


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_is_cleaned_once_and_can_be_stored(text: str) -> None:
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    clean.encode("utf-8")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("It is ‘maybe the last’ chance for a cease-fire",
         "it-is-maybe-the-last-chance-for-a-cease-fire"),
        ("The town’s “longest” week", "the-towns-longest-week"),
        ("Größte Fähre à Montréal", "grosste-fahre-a-montreal"),
        ("U.S. ferry: 40% off!", "u-s-ferry-40-off"),
        ("عودة العبارة", "عودة-العبارة"),
        ("渡轮 复航", "渡轮-复航"),
        ("?!", "story"),
        ("", "story"),
        ("../../etc/passwd", "etc-passwd"),
    ],
)  # fmt: skip
def test_a_headline_becomes_a_slug(title: str, slug: str) -> None:
    assert slugify(title) == slug


@given(st.text())
def test_any_slug_is_safe_in_a_path_and_stable(title: str) -> None:
    slug = slugify(title)
    assert 0 < len(slug) <= 100
    assert not set(slug) & set("/\\.%?#&\"'<> \n")
    assert not slug.startswith("-")
    assert not slug.endswith("-")


@pytest.mark.parametrize(
    ("printed", "slug", "name"),
    [
        ("NEWS", "news", "News"),
        ("WORLD NEWS", "world-news", "World News"),
        ("UK & IRELAND", "uk-ireland", "UK & Ireland"),
        ("ARTS AND CULTURE", "arts-and-culture", "Arts and Culture"),
        ("Opinion", "opinion", "Opinion"),
        ("All", "section-all", "All"),
        ("!", "general", "!"),
        ("أخبار", "أخبار", "أخبار"),
    ],
)
def test_a_section_has_a_slug_and_a_name_for_people(printed: str, slug: str, name: str) -> None:
    assert (section_slug(printed), section_name(printed)) == (slug, name)


def test_a_short_first_paragraph_is_the_summary() -> None:
    assert summarise(["", "The ferry sails.", "More."]) == "The ferry sails."
    assert summarise([]) == ""


def test_a_summary_ends_with_a_sentence_if_one_is_near() -> None:
    first = "The ferry sails again after a week. " + "It carries bread and post and people. " * 9
    assert summarise([first], 60) == "The ferry sails again after a week."


def test_an_abbreviation_does_not_end_a_summary() -> None:
    text = "Port Ellery met the U.S. Secretary and Mr. Thorne to speak about the ferry at length"
    assert summarise([text], 50) == "Port Ellery met the U.S. Secretary and Mr. Thorne…"


def test_a_summary_is_cut_between_words_else() -> None:
    assert (
        summarise(["The harbour master counted, every hour"], 30) == "The harbour master counted…"
    )


@pytest.mark.parametrize(
    ("cluster", "room"),
    [
        ("e\u0323\u0301\u0302", 3),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 4),
        ("\U0001f1ee\U0001f1ea", 2),
        ("\U0001f44d\U0001f3fd", 2),
        ("\u0915\u094d\u0937\u093f", 3),
        ("\u1112\u1161\u11ab\u11bc", 2),
    ],
)
def test_a_summary_never_cuts_inside_a_character(cluster: str, room: int) -> None:
    assert summarise(["ab" + cluster * 20], 2 + room) == "ab…"


@given(st.lists(st.text(), max_size=3), st.integers(min_value=1, max_value=60))
def test_a_summary_is_never_longer_than_its_limit(paragraphs: list[str], limit: int) -> None:
    assert len(summarise(paragraphs, limit)) <= limit


def test_words_are_what_stands_between_white_space() -> None:
    assert word_count(["The well-known ferry — sails", "“again”"]) == 6


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (238, 1), (239, 2), (548, 3)])
def test_reading_takes_minutes_rounded_up(words: int, minutes: int) -> None:
    assert reading_minutes(words) == minutes


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("ku-Arab", "rtl"),
        ("fa_IR", "rtl"),
        ("az-Latn", "ltr"),
        ("en", "ltr"),
        ("xx", "ltr"),
        ("", "ltr"),
        ("not a language", "ltr"),
    ],
)
def test_a_language_has_a_direction(language: str, expected: str) -> None:
    assert direction(language) == expected
