"""Words, dates, numbers and directions, language by language."""

import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.pages.filters import PLAIN_WIDTH, fill, joined, long_date, number, short_time
from publisher.pages.languages import direction, locale_of, page_language
from publisher.pages.translations import ENGLISH, TABLES, why_you_get_this, words

AT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("language", sorted(TABLES))
def test_every_language_says_the_same_things_with_the_same_fields(language: str) -> None:
    assert {key: _fields(text) for key, text in TABLES[language].items()} == {
        key: _fields(text) for key, text in ENGLISH.items()
    }


def test_a_language_the_house_does_not_speak_gets_english_words() -> None:
    assert words("pt-BR") is ENGLISH
    assert words("de-AT") is TABLES["de"]
    assert words("not a language!") is ENGLISH


def test_the_reason_at_the_foot_survives_braces_in_a_name() -> None:
    assert why_you_get_this("Brief {now}", "daily", "en").startswith("You get Brief {now} every")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en-GB", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("fa", "rtl"), ("az-Arab", "rtl")],
)
def test_a_language_knows_its_direction(language: str, expected: str) -> None:
    assert direction(language) == expected
    assert page_language(language)["start"] == ("right" if expected == "rtl" else "left")


@given(st.text(max_size=20))
def test_any_language_tag_has_a_locale(tag: str) -> None:
    assert locale_of(tag).language
    assert direction(tag) in {"ltr", "rtl"}


def test_dates_and_times_are_those_of_the_zone() -> None:
    assert long_date(AT, "Asia/Tokyo", "de") == "Sonntag, 29. März 2026"
    assert long_date(AT, "America/New_York", "en-GB") == "Saturday, 28 March 2026"
    assert short_time(AT, "Asia/Tokyo", "en-GB") == "09:30"


def test_numbers_and_lists_are_written_as_in_the_language() -> None:
    assert number(12481, "en") == "12,481"
    assert number(12481, "de") == "12.481"
    assert joined(["Lage", "Sport"], "de") == "Lage und Sport"


@given(st.text(), st.integers(0, 4))
def test_plain_text_keeps_its_words_within_72_columns(text: str, indent: int) -> None:
    filled = fill(text, indent)

    assert filled.split() == text.split()
    assert all(len(line) <= PLAIN_WIDTH or len(line.split()) == 1 for line in filled.splitlines())


def test_a_long_address_is_never_cut() -> None:
    url = "https://harbour.example/" + "ferry-" * 30

    assert url in fill(f"See {url} for more")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
