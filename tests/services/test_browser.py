"""The browser of the machine can be driven, with nothing downloaded."""

from playwright.sync_api import sync_playwright

from tests.services.browser import CHROMIUM_ARGUMENTS


def test_the_browser_shows_a_page(chromium: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page()
        page.set_content("<title>Port Ellery</title>")
        assert page.title() == "Port Ellery"
        browser.close()
