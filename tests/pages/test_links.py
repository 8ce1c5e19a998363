"""Addresses are absolute, and nothing in a slug or token can leave its place in them."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.pages.colours import COLOURS, DARK, LIGHT
from publisher.pages.links import Links

LINKS = Links("https://harbour.example/")


def test_every_address_is_absolute_and_below_the_site() -> None:
    assert LINKS.home() == "https://harbour.example/"
    assert LINKS.feed("local-news", "atom") == "https://harbour.example/feeds/local-news.atom"
    assert LINKS.article("0198", "ferry-late") == "https://harbour.example/articles/0198/ferry-late"
    assert LINKS.desk("editions", 42) == "https://harbour.example/desk/editions/42"
    assert LINKS.static("css/house.css") == "https://harbour.example/static/css/house.css"


@given(st.text(min_size=1).filter(lambda token: token not in {".", ".."}))
def test_a_token_is_one_part_of_the_path_whatever_is_in_it(token: str) -> None:
    address = urlsplit(LINKS.unsubscribe(token))

    assert (address.query, address.fragment, address.netloc) == ("", "", "harbour.example")
    assert unquote(address.path.removeprefix("/unsubscribe/")) == token
    assert address.path.count("/") == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_in_house_colours_can_be_read(scheme: str) -> None:
    colours = COLOURS[scheme]
    on_grounds = [
        (text, ground)
        for text in ("ink", "text", "muted", "link", "visited", "section")
        for ground in ("page", "paper")
    ]
    pairs = [*on_grounds, ("button_text", "button"), ("text", "warn_ground")]
    pairs += [(word, f"{word}_ground") for word in ("ok", "warn", "bad")]

    assert [p for p in pairs if _contrast(colours[p[0]], colours[p[1]]) < 4.5] == []


def test_both_schemes_have_the_same_six_digit_colours() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert all(len(c) == 7 and c[0] == "#" for c in [*LIGHT.values(), *DARK.values()])


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2."""
    darker, lighter = sorted([_luminance(one), _luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
