import csv
import io

import httpx
import pytest

from publisher.delivery.proof.seal import examined
from tests.delivery.outcomes import file, finish, mixed_edition, move, table
from tests.services.smtp import SmtpServer
from tests.web.desk.visit import Desk
from tests.world import World


@pytest.fixture
def edition(world: World) -> int:
    """An edition that is over, with every kind of outcome."""
    number = mixed_edition(world)
    finish(world, number)
    return number


def test_the_signed_report_is_downloaded_and_genuine(
    desk: Desk, world: World, edition: int
) -> None:
    answer = desk.page(f"/desk/editions/{edition}/report.json")
    assert answer.content == file(world, edition)
    assert examined(answer.content, world.secret).genuine
    assert answer.headers["content-type"] == "application/json"
    name = f'attachment; filename="briefing-edition-{edition}.json"'
    assert answer.headers["content-disposition"] == name
    assert answer.headers["cache-control"] == "no-store"


def test_the_table_is_downloaded_without_an_address(desk: Desk, world: World, edition: int) -> None:
    answer = desk.page(f"/desk/editions/{edition}/report.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert rows == list(table(world, edition))
    assert "@big.example" not in answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = f'attachment; filename="briefing-edition-{edition}.csv"'
    assert answer.headers["content-disposition"] == name
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["report.json", "report.csv"])
def test_a_report_is_for_editors_only(client: httpx.Client, edition: int, name: str) -> None:
    answer = client.get(f"/desk/editions/{edition}/{name}")
    assert answer.status_code == 403
    assert "briefing" not in answer.text


@pytest.mark.parametrize("name", ["report.json", "report.csv"])
def test_there_is_no_report_of_an_edition_that_is_not(desk: Desk, name: str) -> None:
    assert desk.client.get(f"/desk/editions/99/{name}").status_code == 404


@pytest.mark.parametrize("name", ["report.json", "report.csv"])
def test_a_report_is_only_looked_at(desk: Desk, edition: int, name: str) -> None:
    form = desk.form(f"/desk/editions/{edition}", f"/desk/editions/{edition}/reader")
    answer = desk.client.post(f"/desk/editions/{edition}/{name}", data=form.fields)
    assert answer.status_code in {404, 405}


def test_the_page_offers_the_reports_once_there_is_something_to_report(
    desk: Desk, edition: int
) -> None:
    page = desk.page(f"/desk/editions/{edition}").text
    for name in ("report.json", "report.csv"):
        assert f'href="/desk/editions/{edition}/{name}" download' in page


def test_the_page_says_where_and_why_mail_was_not_accepted(
    desk: Desk, world: World, edition: int
) -> None:
    with world.runtime.sessions.begin() as session:
        move(session, "eli", None)
    page = desk.page(f"/desk/editions/{edition}").text
    part = page.partition('id="trouble"')[2].partition('id="preview"')[0]
    assert "big.example" in part
    assert "small.example" in part
    assert "Erased readers" in part
    assert "tiny.example" not in part
    assert "Reply code 550" in part
    assert "No such reader" in part
    assert "@" not in part


def test_where_all_is_well_nothing_is_said_of_trouble(
    desk: Desk, world: World, sender: World, smtp_server: SmtpServer
) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("ferry")
    edition = world.digest()
    assert "not accepted" not in desk.page(f"/desk/editions/{edition}").text
    sender.send_all(edition)
    assert len(smtp_server.messages) == 1
    assert "not accepted" not in desk.page(f"/desk/editions/{edition}").text
