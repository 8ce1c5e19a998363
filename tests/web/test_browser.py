"""Readers' pages in a real browser: for everybody, on every screen, by day and by night."""

from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from sqlmodel import select

from publisher.audience.models import SubscriberRow
from publisher.audience.tokens import Tokens
from publisher.newsroom import acts
from publisher.newsroom.find import find_article
from tests.services.runtimes import Clock
from tests.web.conftest import ADA
from tests.web.forms import ask
from tests.world import EDITOR, World

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


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


@pytest.fixture
def paths(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> dict[str, str]:
    """Every kind of public page there is."""
    with world.runtime.sessions.begin() as session:
        for name, act in (("market", acts.kill), ("kitchen", acts.hold)):
            act(session, find_article(session, paper[name]), "wrong", by=EDITOR, now=world.now)
        corrected = find_article(session, paper["draw"])
        acts.correct(session, corrected, "It rained all day.", by=EDITOR, now=world.now)
    arabic = world.story("boat", title="العبّارة تبحر", language="ar", rights_status="full")
    world.reader("ada")
    ask(client, clock, ADA, newsletter=["tides"])
    tokens = Tokens(world.secret)
    with world.runtime.sessions.read() as session:
        reader = session.exec(select(SubscriberRow)).one().uuid
    return {
        "front": "/",
        "story": f"/articles/{paper['draw']}",
        "arabic": f"/articles/{arabic}",
        "gone": f"/articles/{paper['market']}",
        "held": f"/articles/{paper['kitchen']}",
        "newsletters": "/newsletters",
        "inbox": "/newsletters/check-inbox",
        "confirm": f"/confirm/{tokens.confirm(reader, world.now)}",
        "unsubscribe": f"/unsubscribe/{tokens.unsubscribe(world.subscription_of(ADA).uuid)}",
        "feeds": "/feeds",
        "feed": "/feeds/sport",
        "nowhere": "/nowhere",
    }


def window(browser: Browser, client: httpx.Client, *, width: int, scheme: str) -> Page:
    """A window on the site; pictures from elsewhere are not fetched."""
    dark = "dark" if scheme == "dark" else "light"
    page = browser.new_page(
        base_url=str(client.base_url),
        viewport={"width": width, "height": 800},
        color_scheme=dark,
    )
    page.route("https://**", lambda route: route.abort())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_every_page_is_for_everybody(
    browser: Browser, client: httpx.Client, paths: dict[str, str], width: int, scheme: str
) -> None:
    page = window(browser, client, width=width, scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.extend(_complaints(message)))
    for name, path in paths.items():
        page.goto(path)
        found = Axe().run(page, options=WCAG)
        assert found.response["violations"] == [], f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.close()
    assert said == []


def test_a_reader_subscribes_by_keyboard_alone(
    browser: Browser, client: httpx.Client, clock: Clock, paths: dict[str, str]
) -> None:
    page = window(browser, client, width=375, scheme="light")
    page.goto(paths["newsletters"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("ines@reader.example")
    clock.advance(seconds=20)
    page.keyboard.press("Enter")
    page.wait_for_url("**/newsletters/check-inbox")
    assert page.locator("h1").text_content() == "Now look into your inbox"
    page.close()


def test_one_button_is_in_focus_where_a_reader_leaves(
    browser: Browser, client: httpx.Client, paths: dict[str, str]
) -> None:
    page = window(browser, client, width=375, scheme="light")
    page.goto(paths["unsubscribe"])
    page.locator("button:focus").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You are unsubscribed from Morning briefing").wait_for()
    page.close()


def test_buttons_are_large_enough_for_a_thumb(
    browser: Browser, client: httpx.Client, paths: dict[str, str]
) -> None:
    page = window(browser, client, width=375, scheme="light")
    for path in paths.values():
        page.goto(path)
        for button in page.locator("button, .button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
    page.close()


def _complaints(message: ConsoleMessage) -> list[str]:
    """What the browser complains of, apart from pages that are gone and pictures kept away."""
    if message.type != "error" or "Failed to load resource" in message.text:
        return []
    return [message.text]
