"""The documents of feeds, as programs get them."""

import gzip
import socket
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest

from publisher.store import Runtime
from publisher.web.app import create_app
from publisher.web.guards import HEADERS
from tests.services.web import serving
from tests.world import World


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


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


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/feeds/all.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/all.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/all.json", "application/feed+json; charset=utf-8"),
        ("/sitemap-news.xml", "application/xml; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
    ],
)
def test_a_document_comes_with_all_that_programs_and_browsers_need(
    client: httpx.Client, paper: dict[str, str], path: str, media_type: str
) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_head_has_the_headers_of_get(client: httpx.Client, paper: dict[str, str]) -> None:
    head, get = client.head("/feeds/all.rss"), client.get("/feeds/all.rss")
    assert head.content == b""
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_who_asks_for_a_part_gets_the_whole(client: httpx.Client, paper: dict[str, str]) -> None:
    part = client.get("/feeds/all.rss", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (200, client.get("/feeds/all.rss").content)


def test_a_slash_at_the_end_leads_nobody_astray(
    client: httpx.Client, paper: dict[str, str]
) -> None:
    assert client.get("/feeds/all.rss/").status_code == 200


def test_nothing_is_sent_to_a_feed(client: httpx.Client, paper: dict[str, str]) -> None:
    assert client.post("/feeds/all.rss").status_code == 405


def test_tags_may_come_in_several_lines(client: httpx.Client, paper: dict[str, str]) -> None:
    tag = client.get("/feeds/all.rss").headers["etag"]
    lines = [("If-None-Match", '"other"'), ("If-None-Match", tag)]
    assert client.get("/feeds/all.rss", headers=lines).status_code == 304


def test_a_304_and_the_answer_to_head_have_no_body_on_the_wire(
    client: httpx.Client, paper: dict[str, str]
) -> None:
    tag = client.get("/feeds/all.rss").headers["etag"]
    for request in ("HEAD /feeds/all.rss HTTP/1.1\r\n", "GET /feeds/all.rss HTTP/1.1\r\n"):
        wanted = f"If-None-Match: {tag}\r\n" if request.startswith("GET") else ""
        said = _on_the_wire(client, f"{request}Host: x\r\n{wanted}Connection: close\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 304" if wanted else b"HTTP/1.1 200")
        assert said.partition(b"\r\n\r\n")[2] == b""


@pytest.mark.parametrize("agent", ["FreshRSS/1.24", "", "curl/8.5", "-"])
def test_any_program_is_welcome(client: httpx.Client, paper: dict[str, str], agent: str) -> None:
    assert client.get("/feeds/all.rss", headers={"User-Agent": agent}).status_code == 200


def test_feeds_name_their_hubs_in_a_header(world: World, paper: dict[str, str]) -> None:
    hubs = "https://hub.example/,https://other.example/"
    ready = world.runtime.settings.model_copy(update={"websub_hubs": hubs})
    app = create_app(Runtime(ready, world.runtime.sessions, world.runtime.clock))
    with serving(app) as address, httpx.Client(base_url=address) as client:
        link = client.get("/feeds/sport.atom").headers["link"]
        assert link == (
            '<https://hub.example/>; rel="hub", <https://other.example/>; rel="hub", '
            '<http://127.0.0.1:8000/feeds/sport.atom>; rel="self"'
        )
        assert "link" not in client.get("/feeds.opml").headers


def test_crawlers_are_shown_the_news(client: httpx.Client, paper: dict[str, str]) -> None:
    assert "Sitemap: http://127.0.0.1:8000/sitemap-news.xml" in client.get("/robots.txt").text


def test_what_was_compressed_reads_like_the_plain_document(
    client: httpx.Client, paper: dict[str, str]
) -> None:
    plain = client.get("/feeds/all.rss", headers={"Accept-Encoding": "identity"})
    with client.stream("GET", "/feeds/all.rss", headers={"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())) == plain.content
    assert answer.headers["etag"] != plain.headers["etag"]


def _on_the_wire(client: httpx.Client, request: str) -> bytes:
    parts = urlsplit(str(client.base_url))
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as line:
        line.sendall(request.encode())
        said = b""
        while more := line.recv(65536):
            said += more
    return said
