"""Whoever has a page of feeds already is told so, and never keeps it for too long."""

import re

import httpx
import pytest

from tests.feeds.samples import follow
from tests.services.runtimes import Clock
from tests.world import World

PAGES = ("/feeds", "/feeds?format=atom", "/feeds/sport")
FORM = re.compile(r'name="form" value="([^"]+)"')


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture(autouse=True)
def news(paper: dict[str, str], world: World) -> dict[str, str]:
    follow(world.runtime)
    return paper


@pytest.mark.parametrize("path", PAGES)
def test_who_has_the_page_gets_a_304_without_a_body(
    client: httpx.Client, clock: Clock, path: str
) -> None:
    whole = client.get(path)
    tag = whole.headers["etag"]
    assert re.fullmatch(r'W/"[0-9a-f]{64}"', tag)
    clock.advance(minutes=5)  # the form has another token by now
    for asked in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": asked})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert "content-length" not in again.headers
    assert client.get(path, headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_304_says_what_the_page_says_of_scripts(client: httpx.Client) -> None:
    whole = client.get("/feeds")
    again = client.get("/feeds", headers={"If-None-Match": whole.headers["etag"]})
    for name in ("content-security-policy", "cache-control", "referrer-policy"):
        assert again.headers[name] == whole.headers[name]
    assert whole.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", PAGES)
def test_head_is_answered_like_get(client: httpx.Client, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]
    known = {"If-None-Match": whole.headers["etag"]}
    assert client.head(path, headers=known).status_code == 304


def test_another_page_has_another_tag(client: httpx.Client, world: World) -> None:
    before = {path: client.get(path).headers["etag"] for path in PAGES}
    assert len(set(before.values())) == len(PAGES)
    world.story("regatta", "sport")
    follow(world.runtime)
    for path, tag in before.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_page_is_kept_no_longer_than_its_form_is_good(client: httpx.Client, clock: Clock) -> None:
    whole = client.get("/feeds")
    assert FORM.search(whole.text)
    for _ in range(24):
        clock.advance(minutes=30)
        again = client.get("/feeds", headers={"If-None-Match": whole.headers["etag"]})
    assert again.status_code == 200
    assert FORM.findall(again.text) != FORM.findall(whole.text)


def test_what_is_not_there_has_no_tag(client: httpx.Client) -> None:
    missing = client.get("/feeds/nothing", headers={"If-None-Match": "*"})
    assert missing.status_code == 404
    assert "etag" not in missing.headers
