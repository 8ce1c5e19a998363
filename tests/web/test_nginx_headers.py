"""Header for header, nginx answers of feeds what the web process does, and names their hubs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from urllib.parse import quote

import feedparser
import httpx
import pytest

from publisher.feeds.directory import list_feeds, want
from publisher.feeds.publish import build_due
from publisher.newsroom import acts
from publisher.newsroom.find import find_article
from publisher.web.app import create_app
from tests.feeds.samples import follow
from tests.services.web import serving
from tests.web.nginx import nginx
from tests.world import EDITOR, World

HUBS = (
    ("", False),
    ("", True),
    ("https://a.example/", True),
    (" https://a.example/, http://b/?c=d ,", False),
)
HARBOUR = "الميناء"
FEEDS = (
    "/feeds/all.rss",
    "/feeds/all.atom",
    "/feeds/local.json",
    f"/feeds/tag-{quote(HARBOUR)}.atom",
)
DOCUMENTS = (*FEEDS, "/feeds.opml", "/sitemap-news.xml")
BROWSER = {"Accept": "text/html,*/*;q=0.8"}
# Of the connection, and of a server: the tags are told apart by what they are tags of.
OF_THE_SERVER = {"date", "server", "connection", "etag", "accept-ranges", "transfer-encoding"}
# What pages are told of themselves, too; a feed takes part in none of it.
OF_PAGES = {
    "referrer-policy",
    "x-frame-options",
    "cross-origin-opener-policy",
    "permissions-policy",
}
OF_A_DOCUMENT = {"x-content-type-options", "content-security-policy"}


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def tagged(world: World, paper: dict[str, str]) -> dict[str, str]:
    """The paper with a tag that is no ASCII."""
    paper["harbour"] = world.story("harbour", tags=(HARBOUR,), rights_status="full")
    follow(world.runtime)
    return paper


@pytest.mark.parametrize(("hubs", "own"), HUBS)
def test_feeds_name_hubs_and_themselves_as_the_web_process_has_it(
    world: World, tagged: dict[str, str], tmp_path: Path, hubs: str, *, own: bool
) -> None:
    with _both(world, tmp_path, websub_hubs=hubs, websub_hub=own) as (ours, theirs):
        for path in FEEDS:
            link = theirs.get(path).headers.get("link")
            assert link == ours.get(path).headers.get("link")
            assert (link is None) == (not hubs and not own)
            tag = theirs.get(path, headers=BROWSER).headers["etag"]
            again = theirs.get(path, headers={**BROWSER, "If-None-Match": tag})
            assert (again.status_code, again.headers.get("link")) == (304, link)
        for path in ("/feeds.opml", "/sitemap-news.xml"):
            assert "link" not in theirs.get(path).headers


def test_the_header_has_the_very_address_that_the_feed_has(
    world: World, tagged: dict[str, str], tmp_path: Path
) -> None:
    with _both(world, tmp_path, websub_hub=True) as (_, theirs):
        for path in (one for one in FEEDS if not one.endswith("json")):
            answer = theirs.get(path)
            for rel, where in ((one.rel, one.href) for one in _links(answer)):
                assert f'<{where}>; rel="{rel}"' in answer.headers["link"]
            assert {one.rel for one in _links(answer)} == {"hub", "self"}


def test_another_spelling_of_an_address_is_never_named(
    world: World, tagged: dict[str, str], tmp_path: Path
) -> None:
    harbour = quote(HARBOUR).lower()
    others = ("%61ll.rss", "/all.rss", "./all.rss", f"tag-{harbour}.atom")
    with _both(world, tmp_path, websub_hub=True) as (_, theirs):
        for other in others:
            said = _raw(theirs, f"/feeds/{other}").headers.get("link", "")
            assert not [one for one in ("%61", "//all", "/./", harbour) if one in said]


def test_an_address_with_a_question_is_named_without_it(
    world: World, tagged: dict[str, str], tmp_path: Path
) -> None:
    with _both(world, tmp_path, websub_hub=True) as (ours, theirs):
        asked = "/feeds/all.rss?from=mail"
        assert theirs.get(asked).headers["link"] == ours.get(asked).headers["link"]


def test_of_more_hubs_than_it_can_name_only_the_documents_speak(
    world: World, tagged: dict[str, str], tmp_path: Path
) -> None:
    hubs = [f"https://{name}.example/" for name in ("one", "two", "three", "four")]
    for count in (3, 4):
        folder = tmp_path / str(count)
        folder.mkdir()
        with _both(world, folder, websub_hubs=",".join(hubs[:count])) as (_, theirs):
            said = theirs.get("/feeds/all.rss").headers.get("link", "")
            assert said.count('rel="hub"') == (3 if count == 3 else 0)


def test_every_header_that_matters_is_that_of_the_web_process(
    world: World, tagged: dict[str, str], tmp_path: Path
) -> None:
    ways = product(("GET", "HEAD"), ("*/*", "text/html,*/*;q=0.8"), ("gzip", "identity"))
    with _both(world, tmp_path, websub_hub=True) as (ours, theirs):
        for path, (method, accept, encoding) in product(DOCUMENTS, ways):
            asked = {"Accept": accept, "Accept-Encoding": encoding}
            mine = ours.request(method, path, headers=asked)
            seen = theirs.request(method, path, headers=asked)
            assert (seen.status_code, mine.status_code) == (200, 200)
            assert _matter(seen.headers) == _matter(mine.headers), path


def test_a_304_has_what_the_document_would_have_had(
    world: World, tagged: dict[str, str], tmp_path: Path
) -> None:
    """ETag, Last-Modified, Vary, Cache-Control, CORS and hubs (RFC 9110 §15.4.5)."""
    with _both(world, tmp_path, websub_hub=True) as (ours, theirs):
        for encoding in ("gzip", "identity"):
            headers = []
            for client in (ours, theirs):
                asked = {"Accept-Encoding": encoding}
                tag = client.get("/feeds/all.rss", headers=asked).headers["etag"]
                again = client.get("/feeds/all.rss", headers={**asked, "If-None-Match": tag})
                assert (again.status_code, again.headers["etag"]) == (304, tag)
                found = _matter(again.headers)
                headers.append({name: found[name] for name in found if name not in OF_A_DOCUMENT})
            assert headers[0] == headers[1]


def test_what_is_not_there_is_said_by_the_web_process(
    world: World, tagged: dict[str, str], tmp_path: Path
) -> None:
    with world.runtime.sessions.begin() as session:
        story = find_article(session, tagged["harbour"])
        acts.kill(session, story, "wrong", by=EDITOR, now=world.now)
    with _both(world, tmp_path, websub_hub=True) as (ours, theirs):
        tag = FEEDS[-1].removesuffix(".atom")
        for path, status in (("/feeds/opera.rss", 404), (tag, 410)):
            for method in ("GET", "HEAD"):
                mine, seen = ours.request(method, path), theirs.request(method, path)
                assert (mine.status_code, seen.status_code) == (status, status)
                assert _all_but_the_servers(seen.headers) == _all_but_the_servers(mine.headers)


@contextmanager
def _both(
    world: World, folder: Path, **settings: object
) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """The web process of a newsroom with these settings, and nginx before it; feeds are up."""
    ready = world.runtime.settings.model_copy(update=settings)
    runtime = replace(world.runtime, settings=ready)
    with runtime.sessions.begin() as session:
        want(session, [feed.slug for feed in list_feeds(session)])
    build_due(runtime)
    with (
        serving(create_app(runtime)) as address,
        httpx.Client(base_url=address) as ours,
        nginx(folder, ready.public_folder, address, ready) as theirs,
    ):
        yield ours, theirs


def _matter(headers: Mapping[str, str]) -> dict[str, str]:
    known = _all_but_the_servers(headers)
    return {name: value for name, value in known.items() if name not in OF_PAGES}


def _all_but_the_servers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in OF_THE_SERVER}


def _links(answer: httpx.Response) -> list[feedparser.FeedParserDict]:
    links = feedparser.parse(answer.content).feed.links
    return [one for one in links if one.rel in {"hub", "self"}]


def _raw(client: httpx.Client, path: str) -> httpx.Response:
    """Asked for in exactly this spelling, which a client may else tidy up."""
    request = client.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = client.send(request)
    assert answer.status_code == 200, path
    return answer
