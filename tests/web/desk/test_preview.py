import pytest

from publisher.editions.commands import NewEdition, create_edition
from tests.services.smtp import SmtpServer
from tests.web.desk.visit import Desk
from tests.world import EDITOR, World


@pytest.fixture
def draft(world: World) -> int:
    """A draft for two readers with different sections."""
    world.newsletter(name="Morning briefing")
    world.reader("ada")
    world.reader("ben", sections=("sport",))
    world.story("ferry", "local")
    world.story("goal", "sport")
    with world.runtime.sessions.begin() as session:
        edition = create_edition(session, NewEdition("briefing"), by=EDITOR, now=world.now)
        return edition.id or 0


def test_the_mail_is_shown_as_one_who_wants_everything(desk: Desk, draft: int) -> None:
    mail = desk.page(f"/desk/editions/{draft}/mail").text
    assert "Ferry in Port Ellery" in mail
    assert "Goal in Port Ellery" in mail


def test_the_mail_is_shown_as_any_reader_gets_it(desk: Desk, draft: int, world: World) -> None:
    ben = world.subscription_of("ben@reader.example").uuid
    mail = desk.page(f"/desk/editions/{draft}/mail?reader={ben}").text
    assert "Goal in Port Ellery" in mail
    assert "Ferry in Port Ellery" not in mail


def test_the_mail_shown_is_the_mail_sent(
    desk: Desk, sender: World, draft: int, smtp_server: SmtpServer
) -> None:
    edition = sender.digest(cadence=None)
    ben = sender.subscription_of("ben@reader.example").uuid
    shown = desk.page(f"/desk/editions/{edition}?reader={ben}&part=text").text
    sender.send_all(edition)
    [sent] = [one for one in smtp_server.messages if one.recipients == ("ben@reader.example",)]
    text = sent.parsed().get_body(("plain",)).get_content()  # type: ignore[union-attr]
    lines = [line for line in text.splitlines() if "Goal in" in line or "/articles/" in line]
    assert lines
    assert all(line.strip() in shown for line in lines)


def test_each_frequent_choice_has_a_reader_to_look_as(desk: Desk, draft: int, world: World) -> None:
    page = desk.page(f"/desk/editions/{draft}").text
    assert f"reader={world.subscription_of('ben@reader.example').uuid}" in page
    assert ">sport</a>" in page


def test_a_mail_in_its_frame_can_run_nothing(desk: Desk, draft: int) -> None:
    page = desk.page(f"/desk/editions/{draft}").text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    headers = desk.page(f"/desk/editions/{draft}/mail").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert headers["x-frame-options"] == "SAMEORIGIN"


def test_text_headers_and_size_are_shown(desk: Desk, draft: int) -> None:
    assert "Ferry in Port Ellery" in desk.page(f"/desk/editions/{draft}?part=text").text
    headers = desk.page(f"/desk/editions/{draft}?part=headers").text
    assert "<dt>List-Id</dt>" in headers
    assert "of 80 KB, 2 stories" in headers
    assert "<meter" in headers


def test_a_hostile_story_stays_text_in_the_mail_and_around_it(
    desk: Desk, draft: int, world: World
) -> None:
    world.story("evil", title="<script>alert(1)</script>")
    for path in ("", "/mail", "?part=text", "?part=headers"):
        text = desk.page(f"/desk/editions/{draft}{path}").text
        assert "<script>alert" not in text


def test_where_there_is_nothing_for_a_reader_the_page_says_so(desk: Desk, world: World) -> None:
    world.newsletter()
    with world.runtime.sessions.begin() as session:
        create_edition(session, NewEdition("briefing"), by=EDITOR, now=world.now)
    assert "There is no story in it for this reader." in desk.page("/desk/editions/1").text
    assert desk.client.get("/desk/editions/1/mail").status_code == 422


def test_a_reader_of_another_newsletter_is_nobody_here(
    desk: Desk, draft: int, world: World
) -> None:
    world.newsletter("tides")
    world.reader("cy", "tides")
    cy = world.subscription_of("cy@reader.example").uuid
    assert desk.client.get(f"/desk/editions/{draft}?reader={cy}").status_code == 404
    assert desk.client.get(f"/desk/editions/{draft}?reader=nobody").status_code == 404


def _ask(desk: Desk, edition: int, address: str) -> str:
    path = f"/desk/editions/{edition}"
    answer = desk.send(path, f"{path}/reader", address=address)
    assert answer.status_code == 200
    assert "@" not in str(answer.request.url)
    return answer.text


def test_a_reader_is_found_by_a_part_of_the_address(desk: Desk, draft: int, world: World) -> None:
    found = _ask(desk, draft, "BEN@")
    assert "ben@reader.example" in found
    assert "ada@reader.example" not in found
    assert world.subscription_of("ben@reader.example").uuid in found


def test_it_is_answered_why_a_reader_got_it(desk: Desk, draft: int, world: World) -> None:
    edition = world.digest()
    found = _ask(desk, edition, "ben@reader.example")
    assert "It is waiting to be sent." in found
    assert "Goal in Port Ellery" in found


@pytest.mark.parametrize("address", ["nobody@reader.example", "%%%", "a", "<b>"])
def test_a_stranger_is_not_found(desk: Desk, draft: int, address: str, world: World) -> None:
    found = _ask(desk, world.digest(), address)
    assert "Nobody with this address" in found or "has an address like that" in found
    assert "<b>" not in found.split("<main")[1]
