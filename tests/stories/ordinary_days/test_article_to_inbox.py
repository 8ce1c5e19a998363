"""What was published reaches inboxes as a digest, with everything that a good mail carries."""

from email.message import EmailMessage

import pytest

from tests.services.runtimes import point_queue_at
from tests.stories.live import LiveNewsroom, text_of


@pytest.fixture(scope="module")
def digest(town: LiveNewsroom) -> EmailMessage:
    """The mail of a reader who chose one of two sections."""
    point_queue_at(town.runtime.settings)
    town.newsletter("morning", "quay", "hills", name="Morning briefing")
    town.world.reader("ada", "morning", sections=("quay",))
    town.world.reader("bo", "morning")
    town.world.story("lamps", "quay")
    town.world.story("goats", "hills")
    town.digest("morning")
    [mail] = town.mails_to("ada@reader.example")
    return mail


def test_a_reader_gets_the_stories_of_the_sections_they_chose(
    newsroom: LiveNewsroom, digest: EmailMessage
) -> None:
    [other] = newsroom.mails_to("bo@reader.example")
    assert ("Lamps in" in text_of(digest), "Goats in" in text_of(digest)) == (True, False)
    assert ("Lamps in" in text_of(other), "Goats in" in text_of(other)) == (True, True)


def test_it_says_whose_it_is_and_how_to_leave(digest: EmailMessage) -> None:
    assert digest["To"] == "Ada <ada@reader.example>"
    assert digest["From"] == "The Harbour Record <news@harbour.example>"
    assert digest["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/unsubscribe/")
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert digest["List-Id"].startswith("Morning briefing <morning.")
    assert digest["Precedence"] == "bulk"
    assert digest["Message-ID"].endswith("@harbour.example>")
    assert digest["Subject"]


def test_text_and_html_say_the_same_and_both_lead_out(digest: EmailMessage) -> None:
    html = digest.get_body(("html",))
    assert html is not None
    assert digest.get_content_type() == "multipart/alternative"
    leave = digest["List-Unsubscribe"].strip("<>")
    for part in (text_of(digest), html.get_content()):
        assert "Lamps in Port Ellery" in part
        assert leave in part
        assert "1 Quay Street" in part


def test_no_two_mails_have_the_same_id(newsroom: LiveNewsroom, digest: EmailMessage) -> None:
    ids = [one.parsed()["Message-ID"] for one in newsroom.mail.messages]
    assert len(ids) == len(set(ids)) > 1
