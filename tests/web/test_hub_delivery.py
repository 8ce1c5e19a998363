"""A program subscribes at our hub, and is brought what it would get by a GET of its topic."""

import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from publisher.feeds.websub.push import push_due
from publisher.feeds.websub.verify import verify_due
from publisher.store import Runtime
from tests.feeds.samples import ADDRESS, follow
from tests.feeds.subscribers import hub_of, willing
from tests.services.listener import Listener, listening
from tests.services.runtimes import Clock
from tests.world import World

FORMATS = ("rss", "atom", "json")
SECRET = "s3cret"


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    """A newsroom that is its own hub."""
    return hub_of(runtime)


@pytest.fixture
def reader() -> Iterator[Listener]:
    with listening(willing) as listener:
        yield listener


@pytest.mark.parametrize("fmt", FORMATS)
def test_what_is_brought_is_what_a_get_of_the_topic_gives(
    client: httpx.Client, world: World, reader: Listener, clock: Clock, fmt: str
) -> None:
    world.story("ferry", rights_status="full")
    follow(world.runtime)
    links = client.get(f"/feeds/all.{fmt}").links
    assert _subscribe(client, links, f"{reader.url}/told").status_code == 202
    assert verify_due(world.runtime) == 1
    reader.seen.clear()
    clock.advance(minutes=5)
    world.story("bridge", rights_status="full")
    follow(world.runtime)
    assert push_due(world.runtime) == 1
    [brought] = reader.seen
    served = client.get(
        urlsplit(links["self"]["url"]).path, headers={"Accept-Encoding": "identity"}
    )
    assert b"Bridge in Port Ellery" in served.content
    assert brought.body == served.content
    for name in ("content-type", "link"):
        assert brought.headers[name] == served.headers[name]
    digest = hmac.new(SECRET.encode(), served.content, hashlib.sha256).hexdigest()
    assert brought.headers["x-hub-signature"] == f"sha256={digest}"


def _subscribe(
    client: httpx.Client, links: dict[str, dict[str, str]], callback: str
) -> httpx.Response:
    assert links["hub"]["url"] == f"{ADDRESS}/websub"
    form = {"mode": "subscribe", "topic": links["self"]["url"], "secret": SECRET}
    fields = {f"hub.{name}": value for name, value in (form | {"callback": callback}).items()}
    return client.post(urlsplit(links["hub"]["url"]).path, data=fields)
