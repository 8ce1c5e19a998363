import httpx
import pytest

from publisher.store import Runtime
from publisher.web.app import create_app
from tests.services.runtimes import Clock
from tests.services.web import PATIENCE_S, serving
from tests.web.desk.visit import Desk, link_to
from tests.web.forms import forms_of, h1
from tests.world import World


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """Who is let in does not depend on the kind of database."""
    return one_database


def test_a_link_that_is_only_looked_at_is_not_used_up(client: httpx.Client, world: World) -> None:
    link = link_to(world)
    for _ in range(3):
        assert h1(client.get(link)) == "Enter the desk"
    assert client.post(link).headers["location"] == "/desk"


def test_the_button_of_the_link_leads_to_today(client: httpx.Client, world: World) -> None:
    link = link_to(world)
    [form] = forms_of(client.get(link))
    assert client.post(form.action).status_code == 303
    today = client.get("/desk")
    assert h1(today) == "Today"
    assert "Mara Ellis" in today.text


def test_a_link_opens_the_desk_once(client: httpx.Client, world: World) -> None:
    link = link_to(world)
    client.post(link)
    client.cookies.clear()
    again = client.post(link)
    assert again.status_code == 403
    assert "publisher desk-link" in again.text
    assert "set-cookie" not in again.headers


def test_an_old_link_says_how_to_get_a_new_one(
    client: httpx.Client, world: World, clock: Clock
) -> None:
    link = link_to(world)
    clock.advance(hours=13)
    late = client.post(link)
    assert late.status_code == 403
    assert "too old" in late.text


def test_a_session_ends_after_seven_days(desk: Desk, clock: Clock) -> None:
    clock.advance(days=7, seconds=1)
    assert desk.client.get("/desk").status_code == 403


def test_no_other_site_can_use_a_link(client: httpx.Client, world: World) -> None:
    link = link_to(world)
    assert client.post(link, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(link).status_code == 303


def test_scripts_cannot_read_the_session_and_other_sites_do_not_send_it(
    client: httpx.Client, world: World
) -> None:
    cookie = client.post(link_to(world)).headers["set-cookie"]
    assert cookie.startswith("desk=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


@pytest.fixture
def secure(runtime: Runtime) -> Runtime:
    settings = runtime.settings.model_copy(update={"base_url": "https://news.harbour.example"})
    return Runtime(settings, runtime.sessions, runtime.clock)


def test_over_https_the_session_belongs_to_this_host_alone(secure: Runtime) -> None:
    with (
        serving(create_app(secure)) as address,
        httpx.Client(base_url=address, timeout=PATIENCE_S) as client,
    ):
        link = link_to(World(secure))
        origin = {"Origin": "https://news.harbour.example"}
        cookie = client.post(link, headers=origin).headers["set-cookie"]
    assert cookie.startswith("__Host-desk=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
