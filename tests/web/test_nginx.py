"""nginx in front, as docker-compose.yml sets it up, answers feeds as we do ourselves."""

import gzip
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from publisher.feeds.publish import build_due
from publisher.store import Runtime
from tests.feeds.archives import make_small
from tests.services.runtimes import Clock
from tests.web.nginx import nginx
from tests.world import World

PATHS = (
    "/feeds/all.rss",
    "/feeds/all.atom",
    "/feeds/local.json",
    "/feeds/archive/all/1.rss",
    "/feeds/archive/all/1.json",
    "/feeds.opml",
    "/sitemap-news.xml",
)


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def archived(runtime: Runtime, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newsroom with an archive."""
    make_small(monkeypatch)
    for number in range(6):
        world.story(f"s{number}", rights_status="full")
        clock.advance(minutes=10)
    build_due(runtime)


@pytest.fixture
def front(
    client: httpx.Client, runtime: Runtime, archived: None, tmp_path: Path
) -> Iterator[httpx.Client]:
    with nginx(tmp_path, runtime.settings.public_folder, str(client.base_url)) as opened:
        yield opened


@pytest.mark.parametrize("path", PATHS)
def test_a_document_is_the_same_from_nginx(
    front: httpx.Client, client: httpx.Client, path: str
) -> None:
    for encoding in ("gzip", "identity"):
        theirs = front.get(path, headers={"Accept-Encoding": encoding})
        ours = client.get(path, headers={"Accept-Encoding": encoding})
        assert (theirs.status_code, theirs.content) == (200, ours.content)
        assert theirs.headers["etag"] != ours.headers["etag"]  # it did not ask us
        for name in (
            "content-type",
            "content-encoding",
            "last-modified",
            "cache-control",
            "access-control-allow-origin",
            "x-content-type-options",
        ):
            assert theirs.headers.get(name) == ours.headers.get(name), name
    assert theirs.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_gets_the_same_from_nginx(
    front: httpx.Client, client: httpx.Client, path: str
) -> None:
    asked = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Encoding": "gzip"}
    theirs, ours = front.get(path, headers=asked), client.get(path, headers=asked)
    assert (theirs.status_code, theirs.content) == (200, ours.content)
    for name in ("content-type", "content-encoding", "cache-control", "vary", "last-modified"):
        assert theirs.headers.get(name) == ours.headers.get(name), name
    again = front.get(path, headers={**asked, "If-None-Match": theirs.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_reader_that_has_it_gets_a_304(front: httpx.Client, encoding: str) -> None:
    asked = {"Accept-Encoding": encoding}
    first = front.get("/feeds/all.rss", headers=asked)
    later = format_datetime(
        parsedate_to_datetime(first.headers["last-modified"]) + timedelta(hours=1), usegmt=True
    )
    for condition in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'"x", W/{first.headers["etag"]}'},
        {"If-Modified-Since": first.headers["last-modified"]},
        {"If-Modified-Since": later},
    ):
        again = front.get("/feeds/all.rss", headers=asked | condition)
        assert (again.status_code, again.content) == (304, b"")
        assert "max-age=300" in again.headers["cache-control"]


def test_a_compressed_document_has_a_tag_of_its_own(front: httpx.Client) -> None:
    tags = {
        front.get("/feeds/all.rss", headers={"Accept-Encoding": one}).headers["etag"]
        for one in ("gzip", "identity")
    }
    assert len(tags) == 2
    with front.stream("GET", "/feeds/all.rss", headers={"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())).startswith(b"<?xml")


@pytest.mark.parametrize("accept", ["*/*", "text/html,*/*"])
def test_the_web_process_says_what_is_missing(front: httpx.Client, accept: str) -> None:
    answer = front.get("/feeds/opera.rss", headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/feeds/.staged/", "/feeds/all.rss.gz", "/feeds/..%2f..%2fpublisher.db", "/feeds/"]
)
def test_nginx_shows_nothing_but_documents(front: httpx.Client, path: str) -> None:
    assert front.get(path).status_code in {200, 400, 404}
    assert "Index of" not in front.get(path).text


@pytest.mark.parametrize("agent", ["FreshRSS/1.24", "", "curl/8.5"])
def test_any_program_is_welcome(front: httpx.Client, agent: str) -> None:
    assert front.head("/feeds/all.rss", headers={"User-Agent": agent}).status_code == 200
