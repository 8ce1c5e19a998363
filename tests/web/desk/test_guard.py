import httpx
import pytest
from fastapi.routing import APIRoute
from sqlmodel import Session, func, select

from publisher.accounts.models import AuditRow
from publisher.newsroom.models import ArticleEventRow
from publisher.web.desk.router import ROUTERS
from tests.web.desk.visit import Desk
from tests.web.forms import forms_of
from tests.world import World

EVIL = "https://evil.example"


@pytest.fixture
def migrated_url(one_database: str) -> str:
    """Who is let in does not depend on the kind of database."""
    return one_database


def _routes(method: str) -> list[str]:
    """The path of every route behind the desk's door, with something put in for its fields."""
    fill = {"ref": "1", "act": "hold", "state": "refused", "path": "x"}
    paths = [
        route.path.replace(":path", "").format(**fill)
        for router in ROUTERS[1:]
        for route in router.routes
        if isinstance(route, APIRoute) and method in route.methods
    ]
    return sorted(set(paths))


@pytest.fixture
def busy(world: World) -> World:
    """A newsroom with one story and one edition, so that the routes have something to act on."""
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    world.digest()
    return world


def _acts(world: World) -> int:
    with world.runtime.sessions.read() as session:
        return _count(session, AuditRow) + _count(session, ArticleEventRow)


def _count(session: Session, table: type) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def test_there_are_routes_to_try() -> None:
    assert len(_routes("GET")) >= 12
    assert len(_routes("POST")) >= 5


def test_nobody_sees_a_page_without_a_session(client: httpx.Client, busy: World) -> None:
    for path in [*_routes("GET"), "/desk/no/such/page"]:
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "publisher desk-link" in answer.text
        assert "Briefing" not in answer.text


def test_nobody_does_anything_without_a_session(client: httpx.Client, busy: World) -> None:
    before = _acts(busy)
    for path in [*_routes("POST"), "/desk/editions/1/stop", "/desk/editions/1/pause"]:
        assert client.post(path, data={"token": "x"}).status_code == 403, path
    assert _acts(busy) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Origin": EVIL, "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_no_other_site_sends_forms_in_an_editors_name(
    desk: Desk, busy: World, headers: dict[str, str]
) -> None:
    token = forms_of(desk.page("/desk/editions/1"))[0].fields["token"]
    before = _acts(busy)
    for path in [*_routes("POST"), "/desk/editions/1/pause"]:
        answer = desk.client.post(path, data={"token": token}, headers=headers)
        assert answer.status_code == 403, path
    assert _acts(busy) == before


@pytest.mark.parametrize("token", ["", "0" * 64, "ü"])
def test_a_form_without_the_sessions_token_does_nothing(
    desk: Desk, busy: World, token: str
) -> None:
    before = _acts(busy)
    for path in [*_routes("POST"), "/desk/editions/1/pause"]:
        assert desk.client.post(path, data={"token": token}).status_code == 403, path
    assert _acts(busy) == before


def test_the_token_of_one_session_is_worth_nothing_in_another(
    desk: Desk, busy: World, client: httpx.Client
) -> None:
    token = forms_of(desk.page("/desk/editions/1"))[0].fields["token"]
    client.cookies.clear()
    Desk(client, busy)
    answer = client.post("/desk/editions/1/pause", data={"token": token})
    assert answer.status_code == 403
    assert "open the page again" in answer.text


def test_what_is_no_form_does_nothing(desk: Desk, busy: World) -> None:
    assert desk.client.post("/desk/editions/1/pause", json={"token": "x"}).status_code == 403


def test_looking_changes_nothing(desk: Desk, busy: World) -> None:
    before = _acts(busy)
    for path in _routes("GET"):
        assert desk.client.get(path).status_code in {200, 404, 422}, path
    assert _acts(busy) == before


def test_pages_run_only_our_own_script_and_are_kept_nowhere(desk: Desk, busy: World) -> None:
    for path in ("/desk", "/desk/editions/1", "/desk/nowhere"):
        headers = desk.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"


def test_an_editor_is_told_that_there_is_no_such_page(desk: Desk) -> None:
    for path in ("/desk/x", "/desk/editions/99", "/desk/stories/nope", "/desk/editions/1/x"):
        answer = desk.client.get(path)
        assert answer.status_code == 404, path
        assert "Back to Today" in answer.text
