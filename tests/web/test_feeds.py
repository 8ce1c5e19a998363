"""The directory of feeds and the documents."""

import feedparser
import httpx
import pytest
from lxml import html


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


def test_the_directory_lists_every_feed_in_every_format(
    client: httpx.Client, paper: dict[str, str]
) -> None:
    page = html.fromstring(client.get("/feeds").text)
    names = [" ".join(th.text_content().split()) for th in page.xpath("//tbody/tr/th")]
    assert names == ["All stories", "Local", "Sport"]
    addresses = page.xpath("//input[@readonly]/@value")
    assert len(addresses) == 9
    assert "http://127.0.0.1:8000/feeds/local.atom" in addresses
    for path in page.xpath("//tbody//a/@href"):
        assert client.get(path).status_code == 200


def test_a_directory_without_feeds_says_so(client: httpx.Client) -> None:
    assert "no feeds yet" in client.get("/feeds").text


def test_a_feed_is_served_and_not_sent_twice(client: httpx.Client, paper: dict[str, str]) -> None:
    first = client.get("/feeds/sport.rss")
    feed = feedparser.parse(first.content)
    assert [entry.title for entry in feed.entries] == ["A draw <b>in</b> the “mud” & rain"]
    again = client.get("/feeds/sport.rss", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert client.get("/feeds/sport.rss", headers=since).status_code == 304


def test_a_feed_that_is_not_there_is_not_found(client: httpx.Client, paper: dict[str, str]) -> None:
    for name in ("opera.rss", "all.xml", "..%2f..%2fsecret.rss", "all.rss.gz"):
        assert client.get(f"/feeds/{name}").status_code == 404
