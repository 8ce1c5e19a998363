"""Datelines, as agencies print them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.newsroom.countries import find_country
from publisher.newsroom.dateline import is_agency, place_name, split_dateline
from publisher.newsroom.incoming import Dateline

REST = "The ferry to the outer islands left on Thursday."


@pytest.mark.parametrize(
    ("text", "place", "country", "code", "credit"),
    [
        ("TEL AVIV, Israel (WSN) —", "TEL AVIV", "Israel", "IL", "WSN"),
        ("PORT ELLERY, Ireland (HBR) —", "PORT ELLERY", "Ireland", "IE", "HBR"),
        ("PORT ELLERY (HBR) —", "PORT ELLERY", None, None, "HBR"),
        ("PORT ELLERY (The Harbour Record) –", "PORT ELLERY", None, None, "The Harbour Record"),
        ("ST. JOSEPH, Mich. (AP) —", "ST. JOSEPH", "United States", "US", "AP"),
        ("WASHINGTON, D.C. —", "WASHINGTON", "United States", "US", None),
        ("ATLANTA, Ga. —", "ATLANTA", "United States", "US", None),
        ("TBILISI, Georgia —", "TBILISI", "Georgia", "GE", None),
        ("LONDON, U.K. —", "LONDON", "U.K.", "GB", None),
        ("CARDIFF, Wales —", "CARDIFF", "United Kingdom", "GB", None),
        ("DUBAI, United Arab Emirates —", "DUBAI", "United Arab Emirates", "AE", None),
        ("ABIDJAN, Côte d’Ivoire (AFP) —", "ABIDJAN", "Côte d’Ivoire", "CI", "AFP"),
        ("WIEN, Österreich (APA) -", "WIEN", "Österreich", "AT", "APA"),
        ("RAMALLAH, West Bank (AP) —", "RAMALLAH", None, None, "AP"),
        ("BERLIN --", "BERLIN", None, None, None),
        ("SEOUL, Nov 26 AFP -", "SEOUL", None, None, "AFP"),
        ("TEL AVIV, Aug 19 (Reuters) -", "TEL AVIV", None, None, "Reuters"),
        ("LONDON (Reuters), Aug 19 -", "LONDON", None, None, "Reuters"),
        ("LONDON, (Reuters) -", "LONDON", None, None, "Reuters"),
        ("BEIJING, Aug. 19 (Xinhua) --", "BEIJING", None, None, "Xinhua"),
        ("BERLIN, 19. August (dpa) -", "BERLIN", None, None, "dpa"),
        ("MAYO, Ireland, Monday —", "MAYO", "Ireland", "IE", None),
        ("SALEM, Ore., Aug. 19, 2024 (UPI) --", "SALEM", "United States", "US", "UPI"),
        ("PARIS (France) —", "PARIS", "France", "FR", None),
        ("JERUSALEM/CAIRO (Reuters) -", "JERUSALEM/CAIRO", None, None, "Reuters"),
        ("McALLEN, Texas (AP) —", "McALLEN", "United States", "US", "AP"),
        ("RIO DE JANEIRO (AP) —", "RIO DE JANEIRO", None, None, "AP"),
        ("STRATFORD-UPON-AVON —", "STRATFORD-UPON-AVON", None, None, None),
        ("Washington (AP) —", "Washington", None, None, "AP"),
        ("Port Ellery, Ireland (HBR) —", "Port Ellery", "Ireland", "IE", "HBR"),
    ],
)
def test_a_dateline_is_taken_apart(
    text: str, place: str, country: str | None, code: str | None, credit: str | None
) -> None:
    expected = (Dateline(text, place, country, code), credit, REST)
    assert split_dateline(f"{text} {REST}") == expected


@pytest.mark.parametrize(
    "paragraph",
    [
        "AS - Roma won the match.",
        "NATO — the alliance — met on Thursday.",
        "UPDATE - The ferry has left.",
        "BREAKING — The ferry has left.",
        "World Health Organization (WHO) — The body met.",
        "The ferry — Ida Thorne’s — left.",
        "The ferry - the last one - sank.",
        "CHELSEA (2) — Two goals.",
        "BERLIN-based builders came.",
        "We were in BERLIN — The end.",
        "ONE TWO THREE FOUR FIVE SIX — The end.",
        "BERLIN —",
        "— The ferry",
        "(HBR) — The ferry",
        "",
    ],
)
def test_what_only_looks_like_a_dateline_stays_text(paragraph: str) -> None:
    assert split_dateline(paragraph) == (None, None, paragraph)


def test_a_credit_makes_a_dateline_certain_even_before_a_small_letter() -> None:
    dateline, credit, rest = split_dateline("PORT ELLERY (HBR) — eBay has bought the ferry.")
    assert dateline is not None
    assert (credit, rest) == ("HBR", "eBay has bought the ferry.")


@given(st.text())
@pytest.mark.parametrize("frame", ["{}", "PORT ELLERY{}— The ferry", "PORT, {} (HBR) — The"])
def test_any_paragraph_is_survived_and_nothing_of_it_is_lost(frame: str, text: str) -> None:
    paragraph = frame.format(text)
    dateline, _, rest = split_dateline(paragraph)
    assert paragraph.endswith(rest)
    if dateline is not None:
        assert paragraph.strip().startswith(dateline.text)


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("TEL AVIV", "Tel Aviv"),
        ("ST. JOSEPH", "St. Joseph"),
        ("RIO DE JANEIRO", "Rio de Janeiro"),
        ("PORT-AU-PRINCE", "Port-au-Prince"),
        ("McALLEN", "McAllen"),
        ("JERUSALEM/CAIRO", "Jerusalem/Cairo"),
        ("Paris", "Paris"),
    ],
)
def test_a_place_can_be_written_in_a_sentence(printed: str, written: str) -> None:
    assert place_name(printed) == written


@pytest.mark.parametrize("name", ["AP", "reuters", "By AFP", "HBR Staff", "News Desk"])
def test_agencies_and_desks_are_no_people(name: str) -> None:
    assert is_agency(name)


@pytest.mark.parametrize("name", ["Ann Other", "Stafford Wire-Jones", "Ida"])
def test_people_are_no_agencies(name: str) -> None:
    assert not is_agency(name)


@pytest.mark.parametrize("name", ["European Union", "World", "Aug 19", "", "XA", "Europe"])
def test_what_is_no_country_has_no_code(name: str) -> None:
    assert find_country(name) is None
