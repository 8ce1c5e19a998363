"""The front page and the page of one story."""

import json
from datetime import timedelta

import httpx
import pytest
from lxml import html

from publisher.newsroom import acts
from publisher.newsroom.find import find_article
from publisher.newsroom.incoming import Incoming
from tests.services.runtimes import Clock
from tests.web.forms import h1
from tests.world import EDITOR, World


def act(world: World, uuid: str, name: str, *words: str) -> None:
    with world.runtime.sessions.begin() as session:
        article = find_article(session, uuid, lock=True)
        getattr(acts, name)(session, article, *words, by=EDITOR, now=world.now)


def titles(page: str, path: str) -> list[str]:
    return [" ".join(one.text_content().split()) for one in html.fromstring(page).xpath(path)]


def test_the_front_page_shows_the_newest_of_each_section(
    client: httpx.Client, paper: dict[str, str]
) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert h1(page) == "The Harbour Record"
    assert titles(page.text, "//main//h3") == [
        "A draw <b>in</b> the “mud” & rain",
        "Ferry in Port Ellery",
        "Lamps in Port Ellery",
        "Bridge in Port Ellery",
        "Kitchen in Port Ellery",
        "Market in Port Ellery",
        "Library in Port Ellery",
    ]


def test_the_front_page_shows_what_may_leave_only(
    client: httpx.Client, world: World, paper: dict[str, str], clock: Clock
) -> None:
    world.story("secret", embargo_until=clock() + timedelta(hours=1))
    act(world, paper["ferry"], "kill", "wrong")
    act(world, paper["lamps"], "hold", "in doubt")
    page = client.get("/").text
    assert "Bridge" in page
    assert [word for word in ("Secret", "Ferry in", "Lamps in") if word in page] == []


def test_an_empty_newsroom_has_a_front_page(client: httpx.Client) -> None:
    assert "No stories yet" in client.get("/").text


def test_every_public_page_offers_feeds_and_newsletters(
    client: httpx.Client, paper: dict[str, str]
) -> None:
    offered = {
        "/": ["all", "local", "sport"],
        f"/articles/{paper['draw']}": ["all", "sport"],
        "/feeds": ["all"],
        "/feeds/all": ["all"],
        "/feeds/local": ["all", "local"],
        "/newsletters": ["all"],
        "/nowhere": ["all"],
    }
    for path, slugs in offered.items():
        page = html.fromstring(client.get(path).text)
        feeds = page.xpath("//link[@rel='alternate']/@href")
        assert feeds == [
            f"http://127.0.0.1:8000/feeds/{slug}.{fmt}"
            for slug in slugs
            for fmt in ("rss", "atom", "json")
        ], path
        assert page.xpath("//form[@action='/newsletters']//input[@name='address']"), path


def test_a_story_has_a_page(client: httpx.Client, paper: dict[str, str]) -> None:
    page = client.get(f"/articles/{paper['draw']}")
    tree = html.fromstring(page.text)
    assert page.status_code == 200
    assert h1(page) == "A draw <b>in</b> the “mud” & rain"
    assert tree.xpath("//link[@rel='canonical']/@href") == [
        f"http://127.0.0.1:8000/articles/{paper['draw']}/a-draw-b-in-b-the-mud-rain"
    ]
    assert tree.xpath("//figure/img/@alt") == ["A muddy field"]
    assert "At dusk Picture: Ines Carrow" in " ".join(titles(page.text, "//figcaption"))
    first = titles(page.text, "//div[@class='prose']/p")[0]
    assert first == "PORT ELLERY (HBR) — Nobody won."
    assert "By Mara Ellis" in titles(page.text, "//p[@class='byline']")[0]
    [comments] = tree.xpath("//a[@href='https://talk.example/draw']")
    assert comments.text == "Comments (1,400)"


def test_any_end_of_the_address_leads_to_the_story(
    client: httpx.Client, paper: dict[str, str]
) -> None:
    plain = client.get(f"/articles/{paper['draw']}")
    for end in ("/an-old-headline", "/", "/x/"):
        assert client.get(f"/articles/{paper['draw']}{end}").text == plain.text


def test_machines_can_read_what_a_story_is(client: httpx.Client, paper: dict[str, str]) -> None:
    page = client.get(f"/articles/{paper['draw']}").text
    [script] = html.fromstring(page).xpath("//script")
    told = json.loads(script.text)
    assert script.get("type") == "application/ld+json"
    assert told["@type"] == "NewsArticle"
    assert told["headline"] == "A draw <b>in</b> the “mud” & rain"
    assert told["author"]["name"] == "Mara Ellis"
    assert told["datePublished"].startswith("2026-03-10T10:40")
    assert "<b>" not in script.text


def test_no_headline_breaks_out(client: httpx.Client, world: World) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    uuid = world.story("evil", title=evil, byline=evil, deck=evil, section_name=evil)
    for path in ("/", f"/articles/{uuid}"):
        page = html.fromstring(client.get(path).text)
        assert [s for s in page.xpath("//script") if s.get("type") != "application/ld+json"] == []
        assert page.xpath("//img[@src='x']") == []


def test_a_story_has_more_of_its_section(client: httpx.Client, paper: dict[str, str]) -> None:
    page = client.get(f"/articles/{paper['ferry']}").text
    assert titles(page, "//section[@class='more']/h2") == ["More in Local"]
    assert titles(page, "//section[@class='more']//h3") == [
        f"{name} in Port Ellery" for name in ("Lamps", "Bridge", "Kitchen", "Market", "Library")
    ]


def test_summary_rights_show_the_summary_and_the_way_to_the_whole(
    client: httpx.Client, world: World
) -> None:
    uuid = world.story(
        "wire",
        body_html="<p>The whole text.</p>",
        summary="In short.",
        url="https://source.example/wire",
        rights_status="summary",
    )
    page = client.get(f"/articles/{uuid}").text
    assert "In short." in page
    assert "The whole text." not in page
    assert 'href="https://source.example/wire"' in page


def test_unknown_rights_show_the_whole_story_on_our_own_page(
    client: httpx.Client, world: World
) -> None:
    uuid = world.story("wire", body_html="<p>The whole text.</p>")
    assert "The whole text." in client.get(f"/articles/{uuid}").text


def test_a_correction_is_told_with_its_date(
    client: httpx.Client, world: World, paper: dict[str, str]
) -> None:
    act(world, paper["ferry"], "correct", "It sails on Saturday, not on Friday.")
    [note] = titles(client.get(f"/articles/{paper['ferry']}").text, "//aside[@class='correction']")
    assert "It sails on Saturday, not on Friday." in note
    assert "Tuesday, March 10, 2026" in note


@pytest.mark.parametrize("name", ["kill", "withdraw"])
def test_a_story_taken_away_leaves_a_notice_without_its_words(
    client: httpx.Client, world: World, paper: dict[str, str], name: str
) -> None:
    act(world, paper["ferry"], name, "the source was wrong")
    page = client.get(f"/articles/{paper['ferry']}/ferry-in-port-ellery")
    assert page.status_code == 410
    assert h1(page) == "This story was withdrawn"
    assert "noindex" in page.text
    assert [word for word in ("Ferry in Port", "the source was wrong") if word in page.text] == []


def test_a_story_on_hold_is_under_review(
    client: httpx.Client, world: World, paper: dict[str, str]
) -> None:
    act(world, paper["ferry"], "hold", "in doubt")
    page = client.get(f"/articles/{paper['ferry']}")
    assert (page.status_code, page.headers["retry-after"]) == (503, "600")
    assert h1(page) == "This story is under review"
    assert "noindex" in page.text
    assert "Ferry in Port" not in page.text


def test_what_was_never_out_is_not_there(client: httpx.Client, world: World, clock: Clock) -> None:
    embargoed = world.story("embargo", embargo_until=clock() + timedelta(hours=1))
    review = world.story("review", embargo_held=True)
    stillborn = world.story("stillborn", embargo_until=clock() + timedelta(hours=1))
    act(world, stillborn, "kill", "never mind")
    for uuid in (embargoed, review, stillborn, "0195", "x" * 300):
        page = client.get(f"/articles/{uuid}")
        assert page.status_code == 404
        assert "Embargo" not in page.text


def test_a_story_written_from_right_to_left_is_shown_so(client: httpx.Client, world: World) -> None:
    story: dict[str, object] = {"title": "العبّارة تبحر", "language": "ar", "rights_status": "full"}
    assert set(story) <= set(Incoming.__slots__)
    uuid = world.story("boat", **story)
    [shown] = html.fromstring(client.get(f"/articles/{uuid}").text).xpath("//article[h1 or header]")
    assert (shown.get("lang"), shown.get("dir")) == ("ar", "rtl")
