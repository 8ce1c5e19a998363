"""Feeds at the desk."""

import pytest
from lxml import html

from publisher.feeds.publish import build_due
from publisher.feeds.tally import keep
from tests.feeds.samples import follow
from tests.web.desk.visit import Desk
from tests.world import World


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


def _rows(desk: Desk, section: str) -> dict[str, list[str]]:
    page = html.fromstring(desk.page("/desk/feeds").text)
    rows = page.xpath(f"//section[@aria-labelledby='{section}']//tbody/tr")
    return {
        _words(row.xpath("th//text()")).split("  ")[0]: [
            _words(cell.xpath(".//text()[not(parent::span[@class='phone-only'])]"))
            for cell in row.xpath("td")
        ]
        for row in rows
    }


def _words(texts: list[str]) -> str:
    return " ".join("".join(texts).split())


def test_every_feed_stands_there_with_its_state_and_readers(desk: Desk, world: World) -> None:
    assert "There are no feeds yet" in desk.page("/desk/feeds").text
    world.story("ferry", "local", byline="Mara Ellis")
    follow(world.runtime)
    with world.runtime.sessions.begin() as session:
        keep(
            session,
            {
                ("feeds/all.rss", 304, b"Feedly; 1200 subscribers"): 3,
                ("feeds/all.rss", 200, b"Feedly; 1200 subscribers"): 1,
            },
            world.now,
        )
    large, small = _rows(desk, "feeds"), _rows(desk, "small")
    assert [name.split("site")[0].split("section")[0] for name in large] == ["All stories", "Local"]
    state, _size, _changed, *numbers = next(iter(large.values()))
    assert (state, numbers) == ("Up to date", ["4", "75 %", "1,200"])
    assert [name.split("author")[0] for name in small] == ["Mara Ellis"]
    assert _rows(desk, "programs") == {"Feedly": ["4", "75 %", "1,200"]}


def test_what_needs_somebody_comes_first(desk: Desk, world: World) -> None:
    world.story("ferry", "local")
    follow(world.runtime)
    (world.runtime.settings.public_folder / "feeds" / "local.rss").unlink()
    [cells] = _rows(desk, "unwell").values()
    assert cells[0] == "Not here"
    build_due(world.runtime)
    assert _rows(desk, "unwell") == {}


def test_only_an_editor_sees_it(desk: Desk) -> None:
    desk.client.cookies.clear()
    assert desk.client.get("/desk/feeds").status_code == 403
