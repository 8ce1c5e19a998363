"""Partners at the desk: what each gets, and how its push goes."""

import pytest
import sqlalchemy as sa
from lxml import html

from publisher.feeds.partners.endpoint import set_push
from publisher.feeds.partners.models import PartnerPushRow
from tests.feeds.partners import partner
from tests.feeds.samples import EDITOR, follow
from tests.web.desk.visit import Desk
from tests.world import World


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """What is tested here does not depend on the kind of database."""
    return one_database


def test_without_partners_nothing_is_said_of_them(desk: Desk) -> None:
    assert "Partners" not in desk.page("/desk/feeds").text


def test_a_partner_that_pulls_stands_there_with_what_it_gets(desk: Desk, world: World) -> None:
    partner(world.runtime)
    name, state, *rest = _partner(desk)
    assert name == "The Evening Post all, whole texts desk@post.example"
    assert (state, rest) == ("Pulls", ["", "", "", ""])


def test_how_a_push_goes_stands_beside_it(desk: Desk, world: World) -> None:
    partner(world.runtime)
    with world.runtime.sessions.begin() as session:
        set_push(session, "post", "https://post.example/in", ours=(), by=EDITOR, now=world.now)
    assert _partner(desk)[1] == "Up to date"
    world.story("ferry", "local")
    follow(world.runtime)
    assert _partner(desk)[1:] == ["Being brought", "", "", "Waiting: 1", ""]
    with world.runtime.sessions.begin() as session:
        problem = "Its server answered 503."
        session.execute(sa.update(PartnerPushRow).values(problem=problem, taken_at=world.now))
    name, state, _, taken, _, _ = _partner(desk)
    assert (state, name.endswith(problem)) == ("Tried again", True)
    assert taken


def _partner(desk: Desk) -> list[str]:
    """The cells of the only row of partners."""
    page = html.fromstring(desk.page("/desk/feeds").text)
    [row] = page.xpath("//section[@aria-labelledby='partners']//tbody/tr")
    return [" ".join(" ".join(cell.xpath(".//text()")).split()) for cell in row]
