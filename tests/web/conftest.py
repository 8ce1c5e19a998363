"""The Harbour Record on the web: an application on a test's runtime, and a bare client."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from publisher.feeds.publish import build_due
from publisher.newsroom.incoming import Comments, Dateline, Image
from publisher.store import Runtime
from publisher.web.app import create_app
from tests.services.runtimes import Clock
from tests.services.web import PATIENCE_S, serving
from tests.web.nginx import nginx
from tests.world import World

ADA = "ada@reader.example"


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


@pytest.fixture
def one_database(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A SQLite database of this test's own at the newest shape."""
    copy = tmp_path / "publisher.db"
    shutil.copy(migrated_sqlite, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    return create_app(runtime)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Follows no redirect, so that a test can look at it; the first contact has no cookies."""
    with serving(app) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as opened:
        yield opened


@pytest.fixture
def paper(world: World, clock: Clock) -> dict[str, str]:
    """A newsroom with stories in two sections, two newsletters and feeds; ids by short names."""
    world.newsletter("briefing", name="Morning briefing", sections=("local", "sport"))
    world.newsletter("tides", name="Tides", cadences=("weekly",))
    ids = {}
    for name in ("cannery", "library", "market", "kitchen", "bridge", "lamps", "ferry"):
        ids[name] = world.story(name, rights_status="full")
        clock.advance(minutes=10)
    ids["draw"] = world.story(
        "draw",
        "sport",
        title="A draw <b>in</b> the “mud” & rain",
        body_html="<p>Nobody won.</p><p>Everybody was wet.</p>",
        rights_status="full",
        byline="Mara Ellis",
        credit="HBR",
        dateline=Dateline("PORT ELLERY (HBR) —", "Port Ellery"),
        image=Image("https://pics.example/mud.jpg", "A muddy field", "Ines Carrow", "At dusk"),
        comments=Comments(open=True, count=1400, url="https://talk.example/draw"),
        url="https://source.example/draw",
    )
    clock.advance(minutes=1)
    build_due(world.runtime)
    return ids


@pytest.fixture
def front(
    client: httpx.Client, runtime: Runtime, paper: dict[str, str], tmp_path: Path
) -> Iterator[httpx.Client]:
    """The newsroom's files behind nginx, as docker-compose.yml sets it up."""
    with nginx(tmp_path, runtime.settings.public_folder, str(client.base_url)) as opened:
        yield opened
