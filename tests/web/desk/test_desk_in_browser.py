"""The desk and the mailbox in a real browser: for everybody, on every screen, day and night."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from publisher.delivery.hold import hold_edition
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.models import EditionState
from publisher.feeds.publish import build_due
from publisher.feeds.tally import keep
from publisher.mail.maildir import store
from tests.services.runtimes import Clock
from tests.web.desk.visit import link_to
from tests.world import EDITOR, World

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HOSTILE = (
    b"Subject: Hello\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head></head><body>"
    b"<script>top.document.title='owned'</script><img src=x onerror=\"top.document.title='owned'\">"
    b'<a href="/newsletters">Away</a><form action="/desk"><button>Send</button></form></body>'
)


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
def paths(world: World, clock: Clock) -> dict[str, str]:
    """Every kind of page there is, with something on it."""
    world.newsletter(name="Morning briefing", zone="Europe/Lisbon")
    world.reader("ada")
    world.reader("ben", sections=("sport",))
    story = _stories(world, clock)
    sending = world.digest()
    world.story("goal", "sport")
    paused = world.digest(cadence=None)
    with world.runtime.sessions.begin() as session:
        hold_edition(session, paused, "The relay refuses the sender.", now=world.now)
        held = create_edition(session, NewEdition("briefing"), by=EDITOR, now=world.now)
        send(session, held, hold=timedelta(minutes=2), by=EDITOR, now=world.now)
        draft = create_edition(session, NewEdition("briefing"), by=EDITOR, now=world.now)
    _read_feeds(world)
    mail = store(_mailbox(world), "a@b.example", ["ada@reader.example"], HOSTILE, clock.now)
    return {
        "enter": link_to(world),
        "today": "/desk",
        "stories": "/desk/stories",
        "quarantined": "/desk/stories?tab=quarantined",
        "story": f"/desk/stories/{story}",
        "kill": f"/desk/stories/{story}/kill",
        "editions": "/desk/editions",
        "new": "/desk/editions/new",
        "sending": f"/desk/editions/{sending}",
        "held": f"/desk/editions/{held.id}",
        "draft": f"/desk/editions/{draft.id}?width=phone",
        "text": f"/desk/editions/{draft.id}?part=text",
        "headers": f"/desk/editions/{draft.id}?part=headers",
        "paused": f"/desk/editions/{paused}",
        "schedule": f"/desk/editions/{draft.id}/schedule",
        "stop": f"/desk/editions/{paused}/stop",
        "deliveries": f"/desk/editions/{paused}/deliveries/queued",
        "feeds": "/desk/feeds",
        "nowhere": "/desk/nowhere",
        "mailbox": "/mailbox",
        "message": f"/mailbox/{mail}",
        "message headers": f"/mailbox/{mail}?part=headers",
    }


def _stories(world: World, clock: Clock) -> str:
    """Stories in several states; the id of one that is out."""
    story = world.story("ferry", title="Ferry terminal to close for the winter " * 2)
    world.story("broken", problem="Unreadable: " + "x" * 80)
    world.story("later", embargo_until=clock.now + timedelta(hours=3))
    return story


def _read_feeds(world: World) -> None:
    """Feeds with a reader, one of them lost."""
    build_due(world.runtime)
    with world.runtime.sessions.begin() as session:
        keep(session, {("feeds/all.rss", 304, b"Feedly; 12 subscribers"): 3}, world.now)
    (world.runtime.settings.public_folder / "feeds" / "sport.rss").unlink()


def _mailbox(world: World) -> object:
    folder = world.runtime.settings.mailbox_folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def at_desk(
    browser: Browser, client: httpx.Client, world: World, *, width: int = 1200, dark: bool = False
) -> Page:
    """A window of an editor who has just come in."""
    page = browser.new_page(
        base_url=str(client.base_url),
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
    )
    page.goto(link_to(world))
    page.get_by_role("button", name="Enter the desk").click()
    page.get_by_role("heading", name="Today").wait_for()
    return page


@pytest.mark.parametrize(("width", "dark"), [(320, True), (1200, False)], ids=["phone", "desk"])
def test_every_page_is_for_everybody(
    browser: Browser,
    client: httpx.Client,
    world: World,
    paths: dict[str, str],
    width: int,
    *,
    dark: bool,
) -> None:
    page = at_desk(browser, client, world, width=width, dark=dark)
    said: list[str] = []
    page.on("console", lambda message: said.extend(_complaints(message)))
    for name, path in paths.items():
        page.goto(path)
        found = Axe().run(page, options=WCAG)
        assert found.response["violations"] == [], f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.close()
    assert said == []


def test_buttons_are_large_enough_for_a_thumb(
    browser: Browser, client: httpx.Client, world: World, paths: dict[str, str]
) -> None:
    page = at_desk(browser, client, world, width=375)
    for name, path in paths.items():
        page.goto(path)
        for button in page.locator("button, .button").all():
            box = button.bounding_box()
            assert box is not None, name
            assert box["height"] >= 44, name
    page.close()


def test_an_edition_shows_by_itself_that_it_moves_on(
    browser: Browser, client: httpx.Client, world: World, paths: dict[str, str]
) -> None:
    page = at_desk(browser, client, world)
    page.goto(paths["sending"] + "?done=send")
    page.get_by_text("On its way: 0 of 1 reader settled.").wait_for()
    assert "done" not in page.url
    with world.runtime.sessions.begin() as session:
        row = world.row(int(paths["sending"].rpartition("/")[2]))
        row.state = EditionState.PAUSED
        session.merge(row)
    page.get_by_role("button", name="Resume").wait_for(timeout=8000)
    page.close()


def test_a_strangers_mail_runs_nothing_and_opens_links_in_a_window_of_their_own(
    browser: Browser, client: httpx.Client, world: World, paths: dict[str, str]
) -> None:
    page = at_desk(browser, client, world)
    page.goto(paths["message"])
    mail = page.frame_locator("iframe")
    mail.get_by_role("link", name="Away").wait_for()
    assert page.title() == "Hello | Development mailbox"
    assert mail.locator("body").evaluate("() => self.origin") == "null"
    with page.expect_popup() as window:
        mail.get_by_role("link", name="Away").click()
    window.value.get_by_role("heading", name="Newsletters").wait_for()
    assert page.url.endswith(paths["message"])
    mail.get_by_role("button", name="Send").click()
    page.wait_for_timeout(200)
    assert page.url.endswith(paths["message"])
    page.close()


def _complaints(message: ConsoleMessage) -> list[str]:
    """What the browser complains of, apart from the page that is not there."""
    text = message.text
    if message.type != "error" or "status of 404" in text or "sandboxed" in text:
        return []
    return [text]
