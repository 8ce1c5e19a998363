"""A reader changes their mind: by the link in a mail's foot, and by POST alone."""

import httpx
import pytest
from lxml import html
from sqlmodel import select

from publisher.accounts.models import AuditRow
from publisher.audience.tokens import Tokens
from publisher.store import Runtime
from tests.services.runtimes import Clock
from tests.web.conftest import ADA
from tests.web.forms import Form, forms_of, h1
from tests.world import World

Choice = tuple[str, str, str]


def path_of(world: World) -> str:
    subscription = world.subscription_of(ADA).uuid
    return f"/preferences/{Tokens(world.secret).preferences(subscription, world.now)}"


def choice(world: World) -> Choice:
    row = world.subscription_of(ADA)
    return row.state.value, row.cadence.value, row.sections


def audited(runtime: Runtime) -> list[str]:
    with runtime.sessions.read() as session:
        return [row.action for row in session.exec(select(AuditRow).order_by(AuditRow.id))]


@pytest.mark.usefixtures("paper")
def test_the_page_shows_what_comes_now_and_looking_changes_nothing(
    client: httpx.Client, world: World
) -> None:
    world.reader("ada", sections=("sport",), cadence="weekly")
    path, before = path_of(world), audited(world.runtime)

    for _ in range(5):
        page = client.get(path)

    assert h1(page) == "Morning briefing, as you like it"
    form, leave = forms_of(page)
    assert form == Form(path, {"cadence-briefing": ["weekly"], "section-briefing": ["sport"]})
    assert leave.action.startswith("/unsubscribe/")
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == (
        "no-referrer",
        "no-store",
    )
    assert audited(world.runtime) == before


@pytest.mark.usefixtures("paper")
def test_a_reader_changes_cadence_and_sections(client: httpx.Client, world: World) -> None:
    world.reader("ada")
    path = path_of(world)

    chosen = {"cadence-briefing": "weekly", "section-briefing": ["local"]}
    answers = [client.post(path, data=chosen) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert "Saved." in html.fromstring(answers[0].text).xpath("//p[@role='status']")[0].text
    assert choice(world) == ("active", "weekly", "local")
    assert audited(world.runtime).count("subscription.change") == 1


@pytest.mark.usefixtures("paper")
def test_no_section_means_all_of_them(client: httpx.Client, world: World) -> None:
    world.reader("ada", sections=("sport",))
    client.post(path_of(world), data={"cadence-briefing": "daily"})
    assert choice(world) == ("active", "daily", "")


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize("sent", [{"cadence-briefing": "hourly"}, {"section-briefing": ["opera"]}])
def test_what_is_not_offered_is_refused_and_nothing_changes(
    client: httpx.Client, world: World, sent: dict[str, object]
) -> None:
    world.reader("ada", sections=("sport",))
    answer = client.post(path_of(world), data=sent)
    assert (answer.status_code, h1(answer)) == (422, "Morning briefing, as you like it")
    assert "choose from" in answer.text
    assert choice(world) == ("active", "daily", "sport")


@pytest.mark.usefixtures("paper")
def test_the_page_is_a_way_out_too(client: httpx.Client, world: World) -> None:
    world.reader("ada")
    path = path_of(world)
    leave = forms_of(client.get(path))[-1]

    client.post(leave.action, data=leave.fields)

    assert choice(world)[0] == "ended"
    assert h1(client.get(path)) == "You are unsubscribed from Morning briefing"
    back = client.post(path, data={"cadence-briefing": "weekly"})
    assert (back.status_code, choice(world)[0]) == (422, "ended")


@pytest.mark.usefixtures("paper")
def test_an_old_link_changes_nothing_and_says_which_one_works(
    client: httpx.Client, clock: Clock, world: World
) -> None:
    world.reader("ada")
    path = path_of(world)
    clock.advance(days=31)
    for answer in (client.get(path), client.post(path, data={"cadence-briefing": "weekly"})):
        assert (answer.status_code, h1(answer)) == (410, "This link is too old")
        assert "in a newer mail" in answer.text
    assert choice(world)[1] == "daily"


@pytest.mark.usefixtures("paper")
def test_the_link_of_another_purpose_opens_nothing(client: httpx.Client, world: World) -> None:
    world.reader("ada")
    token = Tokens(world.secret).unsubscribe(world.subscription_of(ADA).uuid)
    for answer in (client.get(f"/preferences/{token}"), client.post(f"/preferences/{token}")):
        assert (answer.status_code, h1(answer)) == (400, "This link does not work")
