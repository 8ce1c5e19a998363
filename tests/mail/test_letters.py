"""Letters: complete in both parts, in every language, and safe against names."""

from types import SimpleNamespace

import pytest
from lxml import html as lxml_html

from publisher.mail.letters import LetterKind, LetterText, render_letter
from publisher.pages.environment import environment
from publisher.pages.filters import PLAIN_WIDTH
from publisher.pages.translations import TABLES

SITE = SimpleNamespace(base_url="https://harbour.example", site_name="The Harbour Record")
ENV = environment(SITE)
TOKEN = "x" * 180
LINKS: dict[LetterKind, str] = {
    "confirm": f"https://harbour.example/confirm/{TOKEN}",
    "welcome": f"https://harbour.example/unsubscribe/{TOKEN}",
    "goodbye": "https://harbour.example/newsletters",
}


def a_letter(language: str = "en-GB", newsletters: tuple[str, ...] = ("Morning",)) -> LetterText:
    return LetterText(
        language=language,
        newsletters=newsletters,
        postal_address="4 Customs House Lane, Port Ellery PE1 2HR",
        confirm_url=LINKS["confirm"],
        unsubscribe_url=LINKS["welcome"],
    )


@pytest.mark.parametrize("language", sorted(TABLES))
@pytest.mark.parametrize("kind", list(LINKS))
def test_a_letter_has_its_link_the_list_and_the_address_in_both_parts(
    kind: LetterKind, language: str
) -> None:
    letter = render_letter(kind, a_letter(language), ENV)

    assert LINKS[kind] in letter.text.splitlines()
    assert LINKS[kind] in lxml_html.fromstring(letter.html).xpath("//a/@href")
    for part in (letter.text, letter.html):
        assert "Morning" in part
        assert "4 Customs House Lane" in part
    assert all(
        len(line) <= PLAIN_WIDTH or line.startswith("https://") for line in letter.text.splitlines()
    )


def test_the_name_of_a_list_cannot_break_out_of_a_letter() -> None:
    letter = render_letter("confirm", a_letter(newsletters=("<b>Fish\r\nBcc: x</b>",)), ENV)

    assert "\n" not in letter.subject
    assert lxml_html.fromstring(letter.html).xpath("//b") == []


def test_a_letter_is_inlined_and_keeps_its_dark_scheme() -> None:
    html = render_letter("welcome", a_letter(), ENV).html

    assert "font-family:Georgia" in html
    assert html.count("<style>") == 2 + 1  # phone, dark, and Outlook's own in its comment
