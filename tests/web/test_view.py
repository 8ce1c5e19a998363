"""A mail in the browser."""

import re

import httpx
import pytest

from publisher.audience.models import SubscriberRow
from publisher.audience.tokens import Tokens
from publisher.editions.models import EditionRow
from publisher.newsroom import acts
from publisher.newsroom.find import find_article
from tests.web.forms import h1
from tests.world import EDITOR, World


@pytest.fixture
def edition(world: World) -> int:
    """An edition with two stories, for one reader."""
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    world.story("goal", "sport")
    return world.digest()


def path_of(world: World, edition: int) -> str:
    with world.runtime.sessions.read() as session:
        issue = session.get_one(EditionRow, edition).uuid
        reader = session.get_one(SubscriberRow, 1).uuid
    return f"/view/{Tokens(world.secret).view(issue, reader)}"


def kill(world: World, external_id: str) -> None:
    with world.runtime.sessions.begin() as session:
        article = find_article(session, external_id, lock=True)
        acts.kill(session, article, "It names a witness.", by=EDITOR, now=world.now)


def test_a_mail_is_a_page_with_the_stories_its_reader_got(
    client: httpx.Client, world: World, edition: int
) -> None:
    page = client.get(path_of(world, edition))
    assert page.status_code == 200
    assert "Ferry in Port Ellery" in page.text
    assert "Goal in Port Ellery" in page.text


def test_the_page_holds_nothing_that_is_the_readers_own(
    client: httpx.Client, world: World, edition: int
) -> None:
    page = client.get(path_of(world, edition)).text
    assert "ada@reader.example" not in page
    assert "Ada" not in page
    assert "/unsubscribe/" not in page
    assert "/view/" not in page
    assert not re.search(r"ph[0-9a-f]{8,}", page)


def test_the_page_is_kept_nowhere_and_runs_nothing(
    client: httpx.Client, world: World, edition: int
) -> None:
    headers = client.get(path_of(world, edition)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy


def test_other_pages_do_not_allow_inline_styles(client: httpx.Client) -> None:
    for path in ("/", "/newsletters", "/desk", "/mailbox"):
        assert "unsafe-inline" not in client.get(path).headers["content-security-policy"]


def test_a_killed_story_vanishes_from_a_mail_in_the_browser(
    client: httpx.Client, world: World, edition: int
) -> None:
    kill(world, "ferry")
    page = client.get(path_of(world, edition)).text
    assert "Ferry in Port Ellery" not in page
    assert "Goal in Port Ellery" in page


def test_where_every_story_was_taken_back_the_page_says_so(
    client: httpx.Client, world: World, edition: int
) -> None:
    kill(world, "ferry")
    kill(world, "goal")
    page = client.get(path_of(world, edition))
    assert page.status_code == 410
    assert h1(page) == "Nothing is left of this mail"


def test_an_altered_link_opens_nothing(client: httpx.Client, world: World, edition: int) -> None:
    path = path_of(world, edition)
    for broken in (path[:-1], f"{path}x", path.replace("/view/", "/view/A"), "/view/x"):
        assert client.get(broken).status_code == 400


def test_a_reader_who_did_not_get_it_sees_nothing(
    client: httpx.Client, world: World, edition: int
) -> None:
    world.newsletter("tides")
    world.reader("ben", "tides")
    with world.runtime.sessions.read() as session:
        issue = session.get_one(EditionRow, edition).uuid
        stranger = session.get_one(SubscriberRow, 2).uuid
    assert client.get(f"/view/{Tokens(world.secret).view(issue, stranger)}").status_code == 404
