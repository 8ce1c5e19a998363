import pytest

from publisher.editions.models import EditionState
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.web.desk.visit import Desk
from tests.web.forms import forms_of
from tests.world import World


@pytest.fixture
def newsroom(world: World) -> World:
    """Three readers and two stories."""
    world.newsletter("briefing", name="Morning briefing", zone="Europe/Lisbon")
    world.reader("ada")
    world.reader("ben", sections=("sport",))
    world.reader("cy")
    world.story("ferry", "local")
    world.story("goal", "sport")
    return world


def _made(desk: Desk, kind: str, **fields: object) -> int:
    """A draft made with one of the two forms."""
    form = next(
        form
        for form in forms_of(desk.page("/desk/editions/new"))
        if form.fields.get("kind") == [kind]
    )
    data = {**form.fields, "newsletter": "briefing", **fields}
    done = desk.client.post(form.action, data=data)
    assert done.status_code == 303, done.text
    return int(done.headers["location"].split("/")[-1].partition("?")[0])


def test_a_digest_is_made_and_held_and_cancelled(desk: Desk, newsroom: World) -> None:
    edition = _made(desk, "digest", cadence="daily")
    draft = desk.page(f"/desk/editions/{edition}").text
    assert "Send to 3 readers" in draft

    held = desk.act(edition, "send").text
    assert "Held until 09:32:00 (Europe/Lisbon, UTC+0), in 2 min." in held
    assert newsroom.row(edition).state == EditionState.HOLDING

    cancelled = desk.act(edition, "cancel").text
    assert "the edition is a draft again" in cancelled
    assert newsroom.row(edition).state == EditionState.DRAFT
    assert newsroom.row(edition).hold_until is None


def test_a_special_has_the_chosen_stories_and_subject(desk: Desk, newsroom: World) -> None:
    first, second = newsroom.story("storm"), newsroom.story("harbour")
    edition = _made(desk, "special", stories=[second, first], subject="What we know")
    row = newsroom.row(edition)
    assert row.chosen == [second, first]
    assert row.subject == "What we know"
    page = desk.page(f"/desk/editions/{edition}").text
    assert "special" in page
    assert "What we know" in page


def test_a_special_without_a_story_comes_back_as_it_was_filled_in(
    desk: Desk, newsroom: World
) -> None:
    form = forms_of(desk.page("/desk/editions/new"))[-1]
    data = {**form.fields, "newsletter": "briefing", "subject": "What we know"}
    refused = desk.client.post(form.action, data=data)
    assert refused.status_code == 422
    assert "A special needs at least one story." in refused.text
    assert 'value="What we know"' in refused.text


def test_a_story_that_is_gone_meanwhile_does_not_lose_the_others(
    desk: Desk, newsroom: World
) -> None:
    form = forms_of(desk.page("/desk/editions/new"))[-1]
    kept = newsroom.story("storm")
    data = {**form.fields, "newsletter": "briefing", "stories": [kept, "no-such-story"]}
    refused = desk.client.post(form.action, data=data)
    assert refused.status_code == 422
    assert f'value="{kept}" checked' in refused.text


def test_an_edition_is_scheduled_on_the_clock_of_a_zone(desk: Desk, newsroom: World) -> None:
    edition = _made(desk, "digest")
    done = desk.send(
        f"/desk/editions/{edition}/schedule",
        date="2026-07-01",
        time="07:00",
        zone="America/New_York",
    )
    assert done.status_code == 303
    row = newsroom.row(edition)
    assert row.state == EditionState.SCHEDULED
    assert f"{row.due_at:%Y-%m-%d %H:%M}" == "2026-07-01 11:00"
    page = desk.page(done.headers["location"]).text
    assert "Wed 1 July, 12:00 (Europe/Lisbon, UTC+1), in 113 days" in page


def test_a_time_that_has_passed_comes_back_with_what_was_filled_in(
    desk: Desk, newsroom: World
) -> None:
    edition = _made(desk, "digest")
    refused = desk.send(
        f"/desk/editions/{edition}/schedule", date="2026-03-09", time="23:45", zone="Asia/Tokyo"
    )
    assert refused.status_code == 422
    assert "Mon 9 March, 23:45 (Asia/Tokyo, UTC+9) has passed" in refused.text
    assert 'value="2026-03-09"' in refused.text
    assert 'value="23:45"' in refused.text
    assert "<option selected>Asia/Tokyo</option>" in refused.text
    assert newsroom.row(edition).state == EditionState.DRAFT


@pytest.mark.parametrize(
    ("date", "time", "zone"),
    [
        ("", "07:00", "UTC"),
        ("2026-13-01", "07:00", "UTC"),
        ("2026-07-01", "7 am", "UTC"),
        ("2026-07-01", "07:00", "../etc/passwd"),
        ("2026-03-29", "01:30", "Europe/Lisbon"),
    ],
)
def test_what_is_no_time_is_refused(
    desk: Desk, newsroom: World, date: str, time: str, zone: str
) -> None:
    edition = _made(desk, "digest")
    path = f"/desk/editions/{edition}/schedule"
    assert desk.send(path, date=date, time=time, zone=zone).status_code == 422
    assert newsroom.row(edition).state == EditionState.DRAFT


def test_a_running_edition_is_paused_resumed_and_stopped(desk: Desk, newsroom: World) -> None:
    edition = newsroom.digest()
    assert "Paused by editor Mara Ellis." in desk.act(edition, "pause").text
    assert newsroom.row(edition).state == EditionState.PAUSED
    assert "On its way" in desk.act(edition, "resume").text

    path = f"/desk/editions/{edition}/stop"
    assert "cannot be undone" in desk.page(path).text
    stopped = desk.page(desk.send(path, path).headers["location"]).text
    assert "3 withdrawn: the edition was stopped" in stopped
    assert "It adds up" in stopped
    assert newsroom.row(edition).state == EditionState.STOPPED


def test_a_button_pressed_twice_acts_once(desk: Desk, newsroom: World) -> None:
    edition = _made(desk, "digest")
    path = f"/desk/editions/{edition}"
    form = desk.form(path, f"{path}/send")
    assert desk.client.post(form.action, data=form.fields).status_code == 303
    again = desk.client.post(form.action, data=form.fields)
    assert again.status_code == 422
    assert "this is possible only while it is draft or scheduled" in again.text


def test_the_sums_of_a_sent_edition_add_up(
    desk: Desk, newsroom: World, sender: World, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse["cy@reader.example"] = "552 5.2.2 over quota"
    sender.send_all(sender.digest())
    newsroom.story("storm", "weather")
    edition = sender.digest()
    sender.send_all(edition)

    page = desk.page(f"/desk/editions/{edition}").text
    assert "3 matched" in page
    assert "It adds up" in page
    assert "1 left out: had every story before" in page
    refused = desk.page(f"/desk/editions/{edition}/deliveries/refused").text
    assert "cy@reader.example" in refused
    assert "552 5.2.2 over quota" in refused


def test_progress_is_a_piece_of_the_page_for_its_script(desk: Desk, newsroom: World) -> None:
    edition = newsroom.digest()
    page = desk.page(f"/desk/editions/{edition}").text
    assert f'data-live="/desk/editions/{edition}/progress"' in page
    piece = desk.page(f"/desk/editions/{edition}/progress").text
    assert piece.strip().startswith('<div data-state="sending" data-percent="0">')
    assert "<html" not in piece


def test_only_what_moves_is_looked_at_again(desk: Desk, newsroom: World) -> None:
    edition = _made(desk, "digest")
    page = desk.page(f"/desk/editions/{edition}").text
    assert "data-live" not in page
    assert "http-equiv" not in page


def test_without_scripts_refreshing_can_be_stopped(desk: Desk, newsroom: World) -> None:
    edition = newsroom.digest()
    assert 'http-equiv="refresh"' in desk.page(f"/desk/editions/{edition}").text
    assert 'http-equiv="refresh"' not in desk.page(f"/desk/editions/{edition}?still=1").text


def test_editions_are_found_by_state_and_newsletter(
    desk: Desk, newsroom: World, clock: Clock
) -> None:
    newsroom.newsletter("tides", name="Tides")
    newsroom.digest()
    rows = desk.page("/desk/editions?newsletter=briefing&state=sending").text
    assert "Send" in rows
    assert "3 accepted" in rows
    assert "No edition is like that." in desk.page("/desk/editions?newsletter=tides").text
    assert "No edition is like that." in desk.page("/desk/editions?state=failed").text
    assert desk.page("/desk/editions?state=nonsense").status_code == 200
