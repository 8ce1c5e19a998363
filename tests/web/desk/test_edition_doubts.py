import pytest
from lxml import html

from publisher.delivery.doubts import list_doubts
from publisher.editions.models import EditionRow, EditionState
from tests.delivery.doubt import in_doubt, mails_to
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.web.desk.visit import Desk
from tests.web.forms import forms_of
from tests.world import World

DOUBTFUL = ("reader0001@reader.example", "reader0003@reader.example")


@pytest.fixture
def edition(sender: World, smtp_server: SmtpServer) -> int:
    """An edition of five readers, sent; of two nobody knows whether they have it."""
    return in_doubt(sender, smtp_server, DOUBTFUL, readers=5)


def test_the_page_lists_each_with_its_message_id(desk: Desk, sender: World, edition: int) -> None:
    shown = _panel(desk, edition)
    with sender.runtime.sessions.read() as session:
        row = session.get_one(EditionRow, edition)
        doubts = list_doubts(session, row, secret=sender.secret)
    assert len(doubts) == 2
    for one in doubts:
        assert (one.address or "") in shown
        assert one.message_id in shown
    assert "Send again to these 2" in shown


def test_the_button_sends_them_again(
    desk: Desk, sender: World, edition: int, smtp_server: SmtpServer, clock: Clock
) -> None:
    clock.advance(minutes=1)
    page = desk.act(edition, "resend").text
    assert "They are being sent again." in page
    assert "Did these" not in page
    assert sender.row(edition).state == EditionState.SENDING

    sender.send_all(edition)

    assert [len(mails_to(smtp_server, address)) for address in DOUBTFUL] == [2, 2]
    assert "It adds up" in desk.page(f"/desk/editions/{edition}").text
    assert sender.row(edition).state == EditionState.SENT


def test_a_list_that_has_grown_is_shown_before_anything_is_sent(
    desk: Desk, sender: World, edition: int
) -> None:
    here = f"/desk/editions/{edition}"
    refused = desk.send(here, f"{here}/resend", count="1")
    assert (refused.status_code, "By now 2 deliveries are uncertain" in refused.text) == (422, True)
    assert sender.report(edition).uncertain == 2


def test_a_form_of_another_page_sends_nothing(desk: Desk, sender: World, edition: int) -> None:
    data = {"count": "2", "token": "forged"}
    answer = desk.client.post(f"/desk/editions/{edition}/resend", data=data)
    assert (answer.status_code, sender.report(edition).uncertain) == (403, 2)


def test_what_the_policy_will_do_stands_beside_each(
    desk: Desk, sender: World, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(sender, smtp_server, DOUBTFUL, readers=5, resend=True)
    assert "Sent again in 10 min, as this newsletter wants it." in _panel(desk, edition)


def test_an_edition_without_doubts_has_no_such_list(
    desk: Desk, sender: World, smtp_server: SmtpServer
) -> None:
    edition = in_doubt(sender, smtp_server, (), readers=2)
    page = desk.page(f"/desk/editions/{edition}")
    assert "arrive?" not in page.text
    assert not [form for form in forms_of(page) if form.action.endswith("/resend")]


def _panel(desk: Desk, edition: int) -> str:
    page = html.fromstring(desk.page(f"/desk/editions/{edition}").text)
    [panel] = page.xpath("//section[@aria-labelledby='doubts']")
    return " ".join(panel.text_content().split())
