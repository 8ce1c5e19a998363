"""Feeds in a real browser: pages that copy addresses, and documents that look like pages."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.web.test_browser import FLAGS


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


def test_a_button_copies_the_address_and_says_so(
    browser: Browser, client: httpx.Client, paper: dict[str, str]
) -> None:
    address = str(client.base_url)
    context = browser.new_context(base_url=address)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page = context.new_page()
    for path, feed in (("/feeds?format=atom", "sport.atom"), ("/feeds/sport", "sport.json")):
        page.goto(path)
        name = "address of the Atom feed: Sport" if "?" in path else "JSON Feed address"
        page.get_by_role("button", name=f"Copy the {name}").click()
        page.get_by_role("status").get_by_text("Copied:").wait_for(state="attached")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == f"http://127.0.0.1:8000/feeds/{feed}"
    context.close()


def test_without_a_script_one_click_selects_the_whole_address(
    browser: Browser, client: httpx.Client, paper: dict[str, str]
) -> None:
    context = browser.new_context(base_url=str(client.base_url), java_script_enabled=False)
    page = context.new_page()
    page.goto("/feeds/sport")
    assert page.locator("button[data-copy]").count() == 3
    assert page.get_by_role("button", name="Copy").count() == 0
    page.get_by_text("/feeds/sport.rss").click()
    assert page.evaluate("getSelection().toString()") == "http://127.0.0.1:8000/feeds/sport.rss"
    context.close()


@pytest.mark.parametrize("fmt", ["rss", "atom"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_feed_that_a_person_opens_is_a_page_that_can_be_read(
    browser: Browser, client: httpx.Client, paper: dict[str, str], fmt: str, scheme: str
) -> None:
    dark = "dark" if scheme == "dark" else "light"
    page = browser.new_page(base_url=str(client.base_url), color_scheme=dark)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"/feeds/sport.{fmt}")
    look = page.evaluate(
        """() => {
          const root = document.documentElement;
          const hint = getComputedStyle(root, "::before").content;
          const title = root.querySelector("item > title, entry > title");
          const box = title.getBoundingClientRect();
          const hidden = root.querySelector("guid, entry > id");
          return {
            hint, title: title.textContent, width: box.width, right: box.right,
            ground: getComputedStyle(root).backgroundColor,
            ink: getComputedStyle(title).color,
            hidden: getComputedStyle(hidden).display,
            wide: root.scrollWidth,
          };
        }"""
    )
    assert "This is a feed" in look["hint"]
    assert f"“.{fmt}”" in look["hint"].replace('" "', "")
    assert look["title"] == "A draw <b>in</b> the “mud” & rain"
    assert look["width"] > 200
    assert look["right"] <= 375
    assert look["wide"] <= 375
    assert look["hidden"] == "none"
    assert look["ground"] == ("rgb(16, 18, 20)" if scheme == "dark" else "rgb(243, 242, 238)")
    assert look["ink"] == ("rgb(241, 242, 240)" if scheme == "dark" else "rgb(23, 25, 28)")
    assert said == []
    page.close()


def test_what_the_hint_says_leads_to_the_page(
    browser: Browser, client: httpx.Client, paper: dict[str, str]
) -> None:
    page = browser.new_page(base_url=str(client.base_url))
    page.goto("/feeds/sport.rss")
    page.goto(page.url.removesuffix(".rss"))
    page.get_by_role("heading", name="Latest in this feed").wait_for()
    page.get_by_role("link", name="A draw <b>in</b>").click()
    page.get_by_text("Everybody was wet.").wait_for()
    page.close()
