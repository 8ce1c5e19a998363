"""Hubs at the desk: what they were told, and why not."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from lxml import html

from publisher.feeds.websub.models import HubPingRow, PingState
from publisher.store import Runtime
from tests.feeds.samples import follow
from tests.web.desk.visit import Desk
from tests.world import World

HUB = "https://hub.example/"


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    """Its feeds name a hub."""
    return replace(runtime, settings=runtime.settings.model_copy(update={"websub_hubs": HUB}))


def test_a_hub_stands_there_with_what_it_waits_for(desk: Desk, world: World) -> None:
    world.story("ferry", "local")
    follow(world.runtime)
    documents = _count(world)
    assert documents >= 6  # three formats of two feeds
    assert _hub(desk) == [HUB, "Being told", "", f"Waiting: {documents}", ""]


def test_why_a_hub_was_given_up_stands_beside_it(desk: Desk, world: World) -> None:
    world.story("ferry", "local")
    follow(world.runtime)
    given_up = sa.update(HubPingRow).values(
        state=PingState.GIVEN_UP, problem="The hub answered 503.", told_at=world.now
    )
    with world.runtime.sessions.begin() as session:
        session.execute(given_up)
    name, state, taken, waiting, lost = _hub(desk)
    assert (name, state, waiting) == (f"{HUB} The hub answered 503.", "Given up", "")
    assert taken
    assert lost == f"Given up: {_count(world)}"


def _hub(desk: Desk) -> list[str]:
    """The cells of the only row of hubs."""
    page = html.fromstring(desk.page("/desk/feeds").text)
    [row] = page.xpath("//section[@aria-labelledby='hubs']//tbody/tr")
    return [" ".join(" ".join(cell.xpath(".//text()")).split()) for cell in row]


def _count(world: World) -> int:
    with world.runtime.sessions.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(HubPingRow)).scalar_one()
