"""What holds for every answer."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlmodel import SQLModel, select

from publisher.audience.models import SubscriberRow
from publisher.audience.tokens import Tokens
from publisher.editions.models import EditionRow
from publisher.errors import UnavailableError
from publisher.settings import Settings
from publisher.store import Runtime, Sessions
from publisher.store.engine import make_engine
from publisher.web.app import MOST_BODY_BYTES, create_app
from publisher.web.guards import HEADERS
from tests.services.runtimes import Clock
from tests.services.web import PATIENCE_S, serving
from tests.web.conftest import ADA
from tests.web.forms import ask, h1
from tests.world import World

broken = APIRouter()


@broken.get("/broken")
def _broken() -> None:
    raise ZeroDivisionError("the till is empty")


@broken.get("/busy")
def _busy() -> None:
    raise UnavailableError("The relay does not answer.", retry_after_s=12.3)


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def away(settings: Settings, clock: Clock, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of an application whose database cannot be opened."""
    ready = settings.ready()
    sessions = Sessions(make_engine(f"sqlite:///{tmp_path}/nowhere/publisher.db"))
    app = create_app(Runtime(ready, sessions, clock))
    with serving(app) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as opened:
        yield opened
    sessions.close()


def reader_links(world: World, clock: Clock, client: httpx.Client) -> list[str]:
    """One link of each kind that a reader may get by mail."""
    address = world.reader("ada")
    edition = world.digest()
    ask(client, clock, address, newsletter=["tides"])
    tokens = Tokens(world.secret)
    with world.runtime.sessions.read() as session:
        reader = session.exec(select(SubscriberRow)).one().uuid
        issue = session.get_one(EditionRow, edition).uuid
    return [
        f"/confirm/{tokens.confirm(reader, world.now)}",
        f"/unsubscribe/{tokens.unsubscribe(world.subscription_of(ADA).uuid)}",
        f"/preferences/{tokens.preferences(world.subscription_of(ADA).uuid, world.now)}",
        f"/view/{tokens.view(issue, reader)}",
    ]


def test_every_answer_is_guarded(app: FastAPI, client: httpx.Client, paper: dict[str, str]) -> None:
    app.include_router(broken)
    paths = ["/", "/nowhere", "/broken", "/busy", "/feeds/all.rss", "/static/site.css", "/healthz"]
    for path in paths:
        headers = client.get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS, path


def test_readers_links_do_not_travel(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    for link in [*reader_links(world, clock, client), "/confirm/forged"]:
        answer = client.get(link)
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers


def test_an_edition_can_be_read_in_the_browser(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    view = client.get(reader_links(world, clock, client)[-1])
    assert view.status_code == 200
    assert "Ferry in Port Ellery" in view.text
    assert ADA not in view.text
    assert "default-src 'none'" in view.headers["content-security-policy"]


def test_no_address_is_in_any_link(
    client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    for path in ["/", "/newsletters", "/feeds", *reader_links(world, clock, client)]:
        links = re.findall(r'(?:href|action|src)="([^"]*)"', client.get(path).text)
        assert links
        assert [link for link in links if "@" in link or "%40" in link] == []


def test_looking_changes_nothing(
    app: FastAPI, client: httpx.Client, clock: Clock, world: World, paper: dict[str, str]
) -> None:
    links = reader_links(world, clock, client)
    examples = {f"/{link.split('/')[1]}/{{token}}": link for link in links}
    before = rows(world.runtime)
    walked = []
    for path in get_routes(app):
        if path.startswith(("/desk", "/mailbox")):
            continue  # they have their own walk, signed in
        known = examples.get(path, path)
        known = known.replace("{uuid}", paper["ferry"]).replace("{slug}.{fmt}", "all.rss")
        known = known.replace("feeds/{slug}", "feeds/all")
        known = known.replace("{slug}", "x").replace("{name:path}", "site.css")
        wanted = 401 if path.startswith("/partners") else 200  # nobody has a token here
        walked += [(client.get(known).status_code, wanted, known) for _ in range(3)]
    assert len(walked) >= 39
    assert [one for one in walked if one[0] != one[1]] == []
    assert rows(world.runtime) == before


def get_routes(app: FastAPI) -> list[str]:
    """The paths of all pages that answer GET."""
    return [
        route.path
        for route in _flat(app.routes)
        if isinstance(route, APIRoute) and "GET" in route.methods
    ]


def _flat(routes: Iterable[object]) -> Iterator[object]:
    """Routes of included routers stand one level deeper."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from [route] if inner is None else _flat(inner.routes)


def rows(runtime: Runtime) -> dict[str, list[tuple[object, ...]]]:
    """Everything there is in every table."""
    with runtime.sessions.read() as session:
        return {
            table.name: sorted(map(tuple, session.execute(sa.select(table))), key=str)
            for table in SQLModel.metadata.sorted_tables
        }


def test_what_nobody_expected_shows_no_traceback(
    app: FastAPI, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    app.include_router(broken)
    answer = client.get("/broken")
    assert (answer.status_code, h1(answer)) == (500, "Something went wrong on our side")
    assert "till" not in answer.text
    assert "ZeroDivisionError: the till is empty" in caplog.text


def test_what_is_not_ours_may_be_tried_again(app: FastAPI, client: httpx.Client) -> None:
    app.include_router(broken)
    answer = client.get("/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "13")
    assert "The relay does not answer." in answer.text


def test_a_database_that_is_away_is_said(away: httpx.Client) -> None:
    answer = away.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert h1(answer) == "Please try again soon"
    assert away.get("/nowhere").status_code == 404


def test_health_is_told_apart(client: httpx.Client, away: httpx.Client) -> None:
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    assert [away.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]
    assert away.get("/readyz").json() == {"database": "failed", "templates": "ok"}


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "application/x-www-form-urlencoded"},
                {"Content-Type": "multipart/form-data; boundary=x"}]
)  # fmt: skip
def test_nobody_sends_us_a_flood(client: httpx.Client, headers: dict[str, str]) -> None:
    body = b"a" * (MOST_BODY_BYTES + 1)
    assert client.post("/newsletters", content=body, headers=headers).status_code in {400, 413}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%ff=%fe&address=%00", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"{}", "application/json"),
        (b'--x\r\nContent-Disposition: form-data; name="address"; filename="a"\r\n\r\nx\r\n--x--',
         "multipart/form-data; boundary=x"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_form_is_answered_kindly(
    client: httpx.Client, paper: dict[str, str], content: bytes, kind: str
) -> None:
    answer = client.post("/newsletters", content=content, headers={"Content-Type": kind})
    assert answer.status_code in {400, 422}
    assert h1(answer)


def test_a_method_that_is_not_offered_is_said(client: httpx.Client) -> None:
    answer = client.request("DELETE", "/newsletters")
    assert (answer.status_code, h1(answer)) == (405, "Not like this")


def test_head_is_get_without_the_page(client: httpx.Client, paper: dict[str, str]) -> None:
    for path in ("/", "/feeds/all.rss", "/nowhere"):
        asked, told = client.get(path), client.head(path)
        assert (told.status_code, told.content) == (asked.status_code, b"")
        assert told.headers["content-type"] == asked.headers["content-type"]


def test_a_redirect_never_leaves_the_site(client: httpx.Client) -> None:
    for path in ("//evil.example/", "/\\evil.example", "/newsletters//", "/feeds/"):
        assert client.get(f"{client.base_url}".rstrip("/") + path).status_code in {200, 404}


def test_assets_are_kept_for_good_under_their_own_address(client: httpx.Client) -> None:
    [path] = re.findall(r'href="(/static/site\.css\?v=[0-9a-f]+)"', client.get("/").text)
    styles = client.get(path)
    assert styles.headers["content-type"].startswith("text/css")
    assert "immutable" in styles.headers["cache-control"]
    assert "immutable" not in client.get("/static/site.css").headers["cache-control"]
    known = {"If-None-Match": styles.headers["etag"]}
    assert client.get(path, headers=known).status_code == 304
    assert "--section: #9c2a1b" in styles.text
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    assert client.get("/static/../base.html").status_code == 404


def test_crawlers_are_kept_off_readers_links(client: httpx.Client) -> None:
    assert "Disallow: /unsubscribe/" in client.get("/robots.txt").text
