"""A check of a running site, which may be ours, or one that does everything wrong."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import httpx
import pytest

from publisher.feeds.check_site import check_site, open_client
from publisher.feeds.files import Published
from publisher.feeds.publish import build_due
from publisher.store import Runtime
from tests.services.listener import Listener, Reply, Seen, listening
from tests.world import World

HUB = "https://hub.example/"
Change = Callable[[Seen, Reply], Reply]


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def server() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def site(runtime: Runtime, server: Listener) -> Published:
    """Feeds that were built for the address of the server; it serves them as they should be."""
    changes = {"base_url": server.url, "websub_hubs": HUB}
    settings = runtime.settings.model_copy(update=changes)
    there = Runtime(settings, runtime.sessions, runtime.clock)
    world = World(there)
    for number in range(5):
        world.story(f"s{number}")
    build_due(there)
    published = Published(settings.public_folder, base_url=server.url, hubs=(HUB,))
    server.reply = lambda seen: served(published, seen)
    return published


def served(published: Published, seen: Seen) -> Reply:
    answer = published.answer(
        seen.path,
        accept_encoding=seen.headers.get("accept-encoding"),
        if_none_match=seen.headers.get("if-none-match"),
        if_modified_since=seen.headers.get("if-modified-since"),
    )
    return Reply(answer.status, answer.body, without(answer.headers, "Content-Length"))


def without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


def problems(server: Listener, slug: str = "all", hub: str = HUB) -> dict[str, tuple[str, ...]]:
    with open_client() as client:
        return {one.fmt: one.problems for one in check_site(client, server.url, slug, [hub])}


def test_a_site_that_does_everything_right_passes(server: Listener, site: Published) -> None:
    assert problems(server) == {"rss": (), "atom": (), "json": ()}
    with open_client() as client:
        assert [one.entries for one in check_site(client, server.url, "all", [HUB])] == [5, 5, 5]


def test_our_own_web_process_passes_but_for_the_name_it_goes_by_here(
    client: httpx.Client, paper: dict[str, str]
) -> None:
    with open_client() as asking:
        for slug in ("all", "sport"):
            for one in check_site(asking, str(client.base_url), slug, []):
                own = f"http://127.0.0.1:8000/feeds/{slug}.{one.fmt}"
                assert one.problems == (f"It says that its address is {own}.",)


def _as_html(seen: Seen, reply: Reply) -> Reply:
    return replace(reply, headers={**reply.headers, "Content-Type": "text/html"})


def _without_tag(seen: Seen, reply: Reply) -> Reply:
    return replace(reply, headers=without(reply.headers, "ETag"))


def _other_gzip(seen: Seen, reply: Reply) -> Reply:
    if reply.headers.get("Content-Encoding") != "gzip":
        return reply
    return replace(reply, body=gzip.compress(b"something else"))


def _one_tag(seen: Seen, reply: Reply) -> Reply:
    tag = reply.headers.get("ETag", "").replace("-gzip", "")
    return replace(reply, headers={**reply.headers, "ETag": tag})


def _broken(seen: Seen, reply: Reply) -> Reply:
    return replace(reply, body=reply.body[:-20])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_as_html, "Its media type is text/html"),
        (_without_tag, "It has no ETag."),
        (_other_gzip, "What it sends as gzip is something else."),
        (_one_tag, "It has the same ETag compressed and plain."),
        (_broken, "It cannot be read"),
    ],
)
def test_what_a_site_does_wrong_is_said(
    server: Listener, site: Published, change: Change, said: str
) -> None:
    server.reply = lambda seen: change(seen, served(site, seen))
    for found in problems(server).values():
        assert said in " ".join(found)


def test_a_site_that_sends_everything_again_is_told_so(server: Listener, site: Published) -> None:
    def always_whole(seen: Seen) -> Reply:
        answer = site.answer(seen.path, accept_encoding=seen.headers.get("accept-encoding"))
        return Reply(answer.status, answer.body, without(answer.headers, "Content-Length"))

    server.reply = always_whole
    assert problems(server)["rss"] == (
        "Its ETag is answered by 200, not by a bare 304.",
        "Its Last-Modified is answered by 200, not by a bare 304.",
    )


def test_a_site_that_never_compresses_is_told_so(server: Listener, site: Published) -> None:
    def plain(seen: Seen) -> Reply:
        return served(site, replace(seen, headers=without(seen.headers, "accept-encoding")))

    server.reply = plain
    assert problems(server)["atom"] == ("It is not sent compressed to who takes gzip.",)


def test_other_hubs_than_ours_and_missing_feeds_are_named(
    server: Listener, site: Published
) -> None:
    assert problems(server, hub="https://other.example/")["json"] == (
        f"It names as hubs {HUB}; it should name https://other.example/.",
    )
    assert "answered 404" in problems(server, "opera")["rss"][0]
