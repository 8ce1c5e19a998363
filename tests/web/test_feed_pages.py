"""Feeds for people: the directory and the page of each."""

import feedparser
import httpx
import pytest
from lxml import html

from publisher.newsroom import acts
from publisher.newsroom.find import find_article
from publisher.web.public import feed_pages
from tests.feeds.samples import follow
from tests.services.runtimes import Clock
from tests.world import EDITOR, World

SITE = "http://127.0.0.1:8000"


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def news(paper: dict[str, str], world: World) -> dict[str, str]:
    """The paper, whose stories have reached the feeds of authors and tags."""
    world.story("gala", "sport", byline="Ines Carrow", tags=("gala", "Quay & pier"))
    follow(world.runtime)
    return paper


def _tree(client: httpx.Client, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def _words(tree: html.HtmlElement, where: str) -> list[str]:
    return [" ".join(one.text_content().split()) for one in tree.xpath(where)]


def test_the_directory_has_every_feed_in_its_group_with_its_address(
    client: httpx.Client, news: dict[str, str]
) -> None:
    page = _tree(client, "/feeds")
    groups = {
        section.xpath("string(h2)"): section.xpath(".//h3/a/text()")
        for section in page.xpath("//section[contains(@class, 'feed-group')]")
    }
    assert groups == {
        "The whole site": ["All stories"],
        "Sections": ["Local", "Sport"],
        "Authors": ["Ines Carrow", "Mara Ellis"],
        "Tags": ["gala", "Quay & pier"],
        "Newsletters": ["Morning briefing", "Tides"],
    }
    addresses = page.xpath("//code/text()")
    assert len(addresses) == 9
    for address in addresses:
        feed = feedparser.parse(client.get(address.removeprefix(SITE)).content)
        assert feed.entries, address
    for path in page.xpath("//h3/a/@href"):
        assert client.get(path).status_code == 200


def test_one_click_shows_the_addresses_of_another_format(
    client: httpx.Client, news: dict[str, str]
) -> None:
    page = _tree(client, "/feeds")
    links = dict(
        zip(
            page.xpath("//nav[contains(@class, 'formats')]//a/text()"),
            page.xpath("//nav[contains(@class, 'formats')]//a/@href"),
            strict=True,
        )
    )
    atom = _tree(client, links["Atom"])
    assert atom.xpath("//a[@aria-current='true']/text()") == ["Atom"]
    assert {address[-5:] for address in atom.xpath("//code/text()")} == {".atom"}
    assert {address[-4:] for address in _tree(client, "/feeds?format=%00").xpath("//code/text()")}
    assert f"{SITE}/feeds/all.rss" in _tree(client, "/feeds?format=exe").xpath("//code/text()")


def test_a_directory_without_feeds_says_so(client: httpx.Client) -> None:
    assert "no feeds yet" in client.get("/feeds").text


def test_many_tags_are_folded_away(client: httpx.Client, world: World) -> None:
    for number in range(13):
        world.story(f"s{number}", tags=(f"tag number {number}",))
    follow(world.runtime)
    page = _tree(client, "/feeds")
    assert page.xpath("//details/summary/text()") == ["Show all 13"]


def test_of_very_many_tags_those_that_changed_last_are_shown(
    client: httpx.Client, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_pages, "MOST", 13)
    for number in range(15):
        world.story(f"s{number}", tags=(f"tag {number:02}",))
        follow(world.runtime)
        clock.advance(minutes=1)
    page = _tree(client, "/feeds")
    assert page.xpath("//details/summary/text()") == ["Show the latest 13"]
    shown = page.xpath("//details//h3/a/text()")
    assert shown == [f"tag {number:02}" for number in range(2, 15)]
    assert "There are 15. All of them are in the file." in _words(page, "//details/p")


def test_the_page_of_a_feed_shows_what_the_feed_carries(
    client: httpx.Client, news: dict[str, str]
) -> None:
    for slug in ("all", "sport", "author-ines-carrow", "tag-quay-pier", "newsletter-briefing"):
        page = _tree(client, f"/feeds/{slug}")
        feed = feedparser.parse(client.get(f"/feeds/{slug}.rss").content)
        shown = page.xpath("//section[@class='more']//h3/a/text()")
        assert shown == [entry.title for entry in feed.entries], slug
        addresses = [f"{SITE}/feeds/{slug}.{fmt}" for fmt in ("rss", "atom", "json")]
        assert page.xpath("//code/text()") == addresses
        assert page.xpath("//link[@rel='alternate']/@href")[-3:] == addresses


def test_the_page_says_how_to_subscribe_and_who_brings_it_by_mail(
    client: httpx.Client, news: dict[str, str]
) -> None:
    page = _tree(client, "/feeds/sport")
    links = dict(
        zip(
            _words(page, "//ul[contains(@class, 'ways')]//a"),
            page.xpath("//ul[contains(@class, 'ways')]//a/@href"),
            strict=True,
        )
    )
    assert links["Open in the reader on this device"] == f"feed:{SITE}/feeds/sport.rss"
    assert links["Add to Feedly"] == (
        "https://feedly.com/i/subscription/feed/http%3A%2F%2F127.0.0.1%3A8000%2Ffeeds%2Fsport.rss"
    )
    assert "By mail instead: Morning briefing, Tides." in _words(page, "//section/p")
    assert "By mail instead: Tides." in _words(_tree(client, "/feeds/all"), "//section/p")
    assert "By mail" not in client.get("/feeds/tag-gala").text
    assert "2 stories now, last changed" in " ".join(_words(page, "//p[@class='meta']"))


@pytest.mark.parametrize("act", [acts.kill, acts.withdraw, acts.hold])
def test_a_story_that_is_taken_back_is_gone_from_the_page_at_once(
    client: httpx.Client, world: World, news: dict[str, str], act: object
) -> None:
    with world.runtime.sessions.begin() as session:
        act(session, find_article(session, news["draw"]), "wrong", by=EDITOR, now=world.now)  # type: ignore[operator]
    assert "mud" not in client.get("/feeds/sport").text
    assert "mud" in client.get("/feeds/sport.rss").text  # which is built a moment later


def test_an_embargoed_story_is_not_on_the_page(
    client: httpx.Client, world: World, clock: Clock, news: dict[str, str]
) -> None:
    world.story("secret", "sport", embargo_until=clock.now.replace(hour=23))
    follow(world.runtime)
    assert "Secret in Port Ellery" not in client.get("/feeds/sport").text


def test_a_feed_of_which_everything_was_taken_back_is_gone_and_unnamed(
    client: httpx.Client, world: World, news: dict[str, str]
) -> None:
    with world.runtime.sessions.begin() as session:
        act = find_article(session, news["draw"])
        acts.kill(session, act, "wrong name", by=EDITOR, now=world.now)
    answer = client.get("/feeds/author-mara-ellis")
    assert answer.status_code == 410
    assert "Mara Ellis" not in answer.text
    follow(world.runtime)
    assert "Mara Ellis" not in client.get("/feeds").text


def test_a_tag_that_was_a_mistake_is_named_nowhere_and_its_feed_harms_no_reader(
    client: httpx.Client, world: World, news: dict[str, str]
) -> None:
    world.story("song", "sport", tags=("misteak",))
    follow(world.runtime)
    assert "misteak" in client.get("/feeds").text
    world.story("song", "sport", tags=("mistake",))
    follow(world.runtime)
    for path in ("/feeds", "/feeds.opml", "/feeds/sport", "/"):
        assert "misteak" not in client.get(path).text, path
    assert client.get("/feeds/tag-misteak").status_code == 410
    feed = feedparser.parse(client.get("/feeds/tag-misteak.atom").content)
    assert (feed.bozo, feed.entries) == (False, [])


def test_a_tag_of_which_nothing_is_out_for_now_is_offered_to_no_program(
    client: httpx.Client, world: World, news: dict[str, str]
) -> None:
    offered = "//link[@rel='alternate']/@href"
    assert f"{SITE}/feeds/tag-gala.atom" in _tree(client, "/feeds/tag-gala").xpath(offered)
    with world.runtime.sessions.begin() as session:
        gala = find_article(session, "gala")
        acts.hold(session, gala, "wait", by=EDITOR, now=world.now)
    follow(world.runtime)
    links = _tree(client, "/feeds/tag-gala").xpath(offered)
    assert [link for link in links if "all" in link]
    assert not [link for link in links if "gala" in link]
    assert "gala" not in client.get("/feeds").text


@pytest.mark.parametrize(
    "slug", ["opera", "language-en", "_opml", "_sitemap-news", "%00", "..%2fx", "é" * 80, "archive"]
)
def test_a_feed_that_is_not_there_has_no_page(
    client: httpx.Client, news: dict[str, str], slug: str
) -> None:
    assert client.get(f"/feeds/{slug}").status_code == 404


def test_only_our_own_script_runs_there(client: httpx.Client, news: dict[str, str]) -> None:
    for path in ("/feeds", "/feeds/sport"):
        policy = client.get(path).headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
