"""Letters through a real mail server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice
from publisher.audience.confirm import pending_of
from publisher.audience.models import LetterRow, LetterState, SubscriptionRow
from publisher.audience.newsletters import NewNewsletter, create_newsletter
from publisher.audience.subscribe import Consent, Request, request_subscription
from publisher.audience.tokens import Tokens
from publisher.audience.unsubscribe import unsubscribe
from publisher.delivery.letters import CLAIM, PAUSES, send_due_letters, send_letter
from publisher.delivery.relay import relay_of
from publisher.settings import Settings, load_settings
from publisher.store import Runtime
from tests.services.runtimes import SECRET_KEY, Clock
from tests.services.smtp import SmtpServer

ADA = "ada@example.org"
EDITOR, READER = Actor("cli", "ellis"), Actor("reader")


@pytest.fixture
def settings(settings: Settings, smtp_server: SmtpServer) -> Settings:
    """The usual settings, with this test's mail server as the development mailbox."""
    return settings.model_copy(update={"mailbox_port": smtp_server.port, "smtp_timeout": 5.0})


@pytest.fixture
def newsroom(runtime: Runtime) -> Runtime:
    """A runtime with one newsletter."""
    new = NewNewsletter(
        slug="briefing",
        name="Morning briefing",
        sender_name="The Harbour Record",
        sender_address="news@harbour.example",
        zone="UTC",
        hour=7,
    )
    with runtime.sessions.begin() as session:
        create_newsletter(session, new, by=EDITOR, now=runtime.clock())
    return runtime


def ask(runtime: Runtime, address: str = ADA, name: str = "Ada", language: str = "en") -> int:
    """A reader asks for the newsletter; the id of the letter that asks back."""
    consent = Consent(ip="192.0.2.7", page="/newsletters", sentence="Yes.")
    request = Request(address, (Choice("briefing"),), consent, name=name, language=language)
    key = runtime.settings.secret_key.get_secret_value()
    with runtime.sessions.begin() as session:
        request_subscription(session, request, key=key, by=READER, now=runtime.clock())
        return session.exec(select(sa.func.max(LetterRow.id))).one() or 0


def row(runtime: Runtime, letter_id: int) -> LetterRow:
    with runtime.sessions.read() as session:
        return session.get_one(LetterRow, letter_id)


def test_a_reader_is_asked_to_confirm(newsroom: Runtime, smtp_server: SmtpServer) -> None:
    letter = ask(newsroom)

    assert send_letter(newsroom, letter) == LetterState.ACCEPTED

    [received] = smtp_server.messages
    message = received.parsed()
    assert received.recipients == (ADA,)
    assert message["To"] == ADA
    assert message["Subject"] == "Please confirm: Morning briefing"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    url = next(line for line in text.splitlines() if "/confirm/" in line).strip()
    assert url in html
    assert "7 days" in text
    assert ADA not in url
    uuid = Tokens(SECRET_KEY).read_confirm(url.rpartition("/")[2], newsroom.clock())
    with newsroom.sessions.read() as session:
        assert [one.newsletter.slug for one in pending_of(session, uuid)] == ["briefing"]
    kept = row(newsroom, letter)
    assert (kept.state, kept.code, kept.attempts, kept.at) == (
        "accepted",
        250,
        1,
        newsroom.clock(),
    )


def test_the_letter_carries_no_words_of_whoever_filled_in_the_form(
    newsroom: Runtime, smtp_server: SmtpServer
) -> None:
    send_letter(newsroom, ask(newsroom, name="Win a prize at evil.example"))
    assert b"evil.example" not in smtp_server.messages[0].raw


@pytest.mark.parametrize("language", ["de", "ar"])
def test_a_letter_speaks_the_readers_language(
    newsroom: Runtime, smtp_server: SmtpServer, language: str
) -> None:
    send_letter(newsroom, ask(newsroom, language=language))
    html = smtp_server.messages[0].parsed().get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert f'lang="{language}"' in html


def test_a_letter_is_sent_once_however_often_it_is_hinted_at(
    newsroom: Runtime, smtp_server: SmtpServer
) -> None:
    smtp_server.delay_s = 0.2
    letter = ask(newsroom)
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _: send_letter(newsroom, letter), range(4)))
    assert sorted(states, key=str) == [None, None, None, LetterState.ACCEPTED]
    assert len(smtp_server.messages) == 1


def test_a_letter_put_off_is_tried_again_after_a_pause(
    newsroom: Runtime, clock: Clock, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse[ADA] = "451 4.3.0 later, please"
    letter = ask(newsroom)
    assert send_letter(newsroom, letter) == LetterState.DEFERRED
    kept = row(newsroom, letter)
    assert (kept.code, kept.reply, kept.next_at) == (
        451,
        "4.3.0 later, please",
        clock() + PAUSES[0],
    )

    assert send_due_letters(newsroom) == 0
    smtp_server.refuse.clear()
    clock.advance(minutes=1)
    assert send_due_letters(newsroom) == 1
    assert row(newsroom, letter).state == LetterState.ACCEPTED


def test_a_refused_letter_is_not_tried_again(
    newsroom: Runtime, clock: Clock, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse[ADA] = "550 5.1.1 no such reader"
    letter = ask(newsroom)
    assert send_letter(newsroom, letter) == LetterState.REFUSED
    clock.advance(days=2)
    assert send_due_letters(newsroom) == 0
    assert row(newsroom, letter).reply == "5.1.1 no such reader"


def test_a_letter_is_given_up_after_its_last_pause(
    newsroom: Runtime, clock: Clock, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse[ADA] = "451 4.3.0 later"
    letter = ask(newsroom)
    states = []
    for pause in (*PAUSES, timedelta(0)):
        states.append(send_letter(newsroom, letter))
        clock.now += pause
    assert states == [LetterState.DEFERRED] * len(PAUSES) + [LetterState.REFUSED]


def test_a_relay_that_is_away_loses_nothing_and_counts_as_no_try(
    newsroom: Runtime, clock: Clock, smtp_server: SmtpServer
) -> None:
    smtp_server.stop()
    letter = ask(newsroom)
    assert send_letter(newsroom, letter) == LetterState.QUEUED
    assert "not listening" in (row(newsroom, letter).reply or "")
    clock.advance(days=3)
    assert send_letter(newsroom, letter) is None
    assert row(newsroom, letter).attempts == 0


def test_a_line_cut_after_the_end_brings_the_same_letter_again(
    newsroom: Runtime, clock: Clock, smtp_server: SmtpServer
) -> None:
    def cut(_envelope: object) -> None:
        raise ConnectionResetError

    smtp_server.after_data = cut
    letter = ask(newsroom)
    assert send_letter(newsroom, letter) == LetterState.DEFERRED
    smtp_server.after_data = lambda _envelope: None
    clock.advance(minutes=1)
    assert send_letter(newsroom, letter) == LetterState.ACCEPTED
    first, second = smtp_server.messages
    assert first.raw == second.raw


def test_a_worker_that_died_leaves_its_letter_to_the_next(
    newsroom: Runtime, clock: Clock, smtp_server: SmtpServer
) -> None:
    letter = ask(newsroom)
    claimed = (
        sa.update(LetterRow)
        .where(col(LetterRow.id) == letter)
        .values(state=LetterState.SENDING, attempts=1, next_at=clock() + CLAIM)
    )
    with newsroom.sessions.begin() as session:
        session.connection().execute(claimed)
    assert send_due_letters(newsroom) == 0
    clock.now += CLAIM
    assert send_due_letters(newsroom) == 1


def test_nobody_is_asked_who_has_left_meanwhile(newsroom: Runtime, smtp_server: SmtpServer) -> None:
    letter = ask(newsroom)
    with newsroom.sessions.begin() as session:
        uuid = session.exec(select(SubscriptionRow.uuid)).one()
        unsubscribe(session, uuid, by=READER, now=newsroom.clock())
    assert send_letter(newsroom, letter) == LetterState.WITHDRAWN
    assert smtp_server.messages == []


def test_the_sweep_gives_up_on_a_relay_that_is_ill(
    newsroom: Runtime, smtp_server: SmtpServer
) -> None:
    letters = [ask(newsroom, f"reader{number}@example.org") for number in range(5)]
    smtp_server.stop()
    assert send_due_letters(newsroom) == 0
    assert [row(newsroom, letter).attempts for letter in letters] == [0] * 5
    assert [bool(row(newsroom, letter).reply) for letter in letters] == [True] + [False] * 4


def test_a_round_of_letters_ends_when_its_time_is_over(
    newsroom: Runtime, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = [ask(newsroom, f"reader{number}@example.org") for number in range(3)]
    monkeypatch.setattr("publisher.delivery.letters.ROUND_S", 0.0)
    assert send_due_letters(newsroom) == 1
    assert [row(newsroom, letter).attempts for letter in letters] == [1, 0, 0]
    assert send_due_letters(newsroom) == 1


def test_the_relay_is_the_one_of_the_settings() -> None:
    relay = relay_of(
        load_settings(smtp_host="mail.example.org", smtp_security="starttls", smtp_username="ada")
    )
    assert (relay.host, relay.port, relay.security, relay.username) == (
        "mail.example.org",
        587,
        "starttls",
        "ada",
    )
    assert relay_of(load_settings(mailbox_port=2526)).port == 2526
