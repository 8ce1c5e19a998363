"""A digest and a letter in a real browser: no sideways scroll, nothing in a reader's way."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html as lxml_html
from playwright.sync_api import Browser, Page, sync_playwright

from publisher.editions.blocks import BlockCache
from publisher.editions.render import render_variant
from publisher.editions.shapes import Role, StoryView
from publisher.mail.letters import LetterText, render_letter
from publisher.mail.splice import make_slots
from publisher.pages.environment import environment
from tests.editions.newsroom_day import SITE, a_day, a_frame, a_story

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitaen"
ENV = environment(SITE)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


def show(browser: Browser, html: str, *, width: int, scheme: str = "light") -> Page:
    """The mail in a window; it may load nothing at all."""
    dark = "dark" if scheme == "dark" else "light"
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=dark)
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    return page


def digest(language: str) -> str:
    """Twelve stories in every role, a long word and a long address among them."""
    day = [(view, "line" if view.story_id > 8 else role) for view, role in a_day(12)]
    long: tuple[StoryView, Role] = (
        a_story(20, title=LONG_WORD, summary=f"https://harbour.example/{LONG_WORD}?{LONG_WORD}"),
        "story",
    )
    placed: list[tuple[StoryView, Role]] = [*day, long]  # type: ignore[list-item]
    frame = a_frame(language=language, newsletter=LONG_WORD)
    return render_variant(frame, placed, make_slots("e"), BlockCache(), ENV).html


def letter(language: str) -> str:
    urls = {"confirm_url": "https://harbour.example/c/" + "x" * 180, "unsubscribe_url": "https://u"}
    text = LetterText(language=language, newsletters=(LONG_WORD,), postal_address="1 Quay", **urls)
    return render_letter("confirm", text, ENV).html


def without_styles(html: str) -> str:
    """As mail programs show it that throw every style block away."""
    page = lxml_html.fromstring(html)
    for style in page.xpath("//style"):
        style.drop_tree()
    return lxml_html.tostring(page, encoding="unicode", doctype="<!DOCTYPE html>")


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("make", [digest, letter], ids=["digest", "letter"])
@pytest.mark.parametrize("styles", [True, False], ids=["styles", "no styles"])
def test_nothing_has_to_be_scrolled_sideways_at_320_px(
    browser: Browser, language: str, make: Callable[[str], str], *, styles: bool
) -> None:
    html = make(language)
    page = show(browser, html if styles else without_styles(html), width=320)

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.context.close()


@pytest.mark.parametrize("width", [375, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "ar"])
@pytest.mark.parametrize("make", [digest, letter], ids=["digest", "letter"])
def test_a_mail_breaks_no_rule_of_wcag_a_and_aa(
    browser: Browser, width: int, scheme: str, language: str, make: Callable[[str], str]
) -> None:
    page = show(browser, make(language), width=width, scheme=scheme)

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response

    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["incomplete"]] == []
    page.context.close()


def test_dark_readers_get_the_dark_paper(browser: Browser) -> None:
    page = show(browser, digest("en-GB"), width=375, scheme="dark")

    ground = page.evaluate("getComputedStyle(document.querySelector('.paper')).backgroundColor")

    assert ground == "rgb(24, 27, 30)"
    page.context.close()


def test_the_judge_finds_a_picture_without_alt_text(browser: Browser) -> None:
    faulty = digest("en-GB").replace('alt="The north pier at low tide"', "")
    page = show(browser, faulty, width=375)

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response

    assert [violation["id"] for violation in found["violations"]] == ["image-alt"]
    page.context.close()
