"""Double opt-in, and the editor's short way."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select

from publisher.accounts.models import AuditRow
from publisher.audience.choices import Choice
from publisher.audience.confirm import confirm, pending_of
from publisher.audience.models import (
    LetterKind,
    LetterRow,
    LetterState,
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
    SubscriptionState,
)
from publisher.audience.subscribers import find_subscriber, list_subscribers, suppress
from publisher.audience.unsubscribe import unsubscribe
from publisher.errors import InvalidInputError, NotFoundError, RefusedError
from publisher.store import Runtime
from tests.audience.conftest import ADA, CLI, CONSENT, READER
from tests.services.runtimes import Clock

Act = Callable[..., None]


def rows(runtime: Runtime) -> list[SubscriptionRow]:
    with runtime.sessions.read() as session:
        return list(session.exec(select(SubscriptionRow).order_by(col(SubscriptionRow.id))))


def letters(runtime: Runtime) -> list[LetterRow]:
    with runtime.sessions.read() as session:
        return list(session.exec(select(LetterRow).order_by(col(LetterRow.id))))


def ada(runtime: Runtime) -> SubscriberRow:
    key = runtime.settings.secret_key.get_secret_value()
    with runtime.sessions.read() as session:
        return find_subscriber(session, ADA, key=key)


def say_yes(runtime: Runtime) -> list[str]:
    with runtime.sessions.begin() as session:
        seen = [one.subscription.uuid for one in pending_of(session, ada(runtime).uuid)]
        confirmed = confirm(
            session, ada(runtime).uuid, seen, ip="192.0.2.8", by=READER, now=runtime.clock()
        )
        return [newsletter.slug for newsletter in confirmed]


def leave(runtime: Runtime, place: int = 0) -> None:
    with runtime.sessions.begin() as session:
        unsubscribe(session, rows(runtime)[place].uuid, by=READER, now=runtime.clock())


def test_asking_makes_a_pending_subscription_and_one_letter(newsroom: Runtime, ask: Act) -> None:
    ask(Choice("briefing", "weekly", ("sport",)), Choice("tides"))

    assert [(row.state, row.cadence, row.sections) for row in rows(newsroom)] == [
        (SubscriptionState.PENDING, "weekly", "sport"),
        (SubscriptionState.PENDING, "daily", ""),
    ]
    [letter] = letters(newsroom)
    assert (letter.kind, letter.state) == (LetterKind.CONFIRM, LetterState.QUEUED)
    assert ada(newsroom).state == SubscriberState.UNCONFIRMED
    assert list(newsroom.settings.queue_folder.glob("*mail.now*"))


def test_a_yes_makes_it_active_and_keeps_the_proof(
    newsroom: Runtime, clock: Clock, ask: Act
) -> None:
    asked_at = newsroom.clock()
    ask()
    yes_at = clock.advance(hours=3)

    assert say_yes(newsroom) == ["briefing"]

    [row] = rows(newsroom)
    assert (row.state, row.subscribed_at, row.confirmed_at) == ("active", yes_at, yes_at)
    assert row.consent == {
        "at": asked_at.isoformat(),
        "ip": "192.0.2.7",
        "page": "/newsletters",
        "sentence": CONSENT.sentence,
        "confirmed_at": yes_at.isoformat(),
        "confirmed_ip": "192.0.2.8",
    }
    assert ada(newsroom).state == SubscriberState.CONFIRMED


def test_a_second_yes_changes_nothing(newsroom: Runtime, clock: Clock, ask: Act) -> None:
    ask()
    say_yes(newsroom)
    before = rows(newsroom)
    clock.advance(hours=1)
    assert say_yes(newsroom) == []
    assert rows(newsroom) == before


def test_only_what_the_reader_saw_is_confirmed(newsroom: Runtime, ask: Act) -> None:
    ask(Choice("briefing"))
    seen = [row.uuid for row in rows(newsroom)]
    ask(Choice("tides"))
    with newsroom.sessions.begin() as session:
        confirm(session, ada(newsroom).uuid, seen, ip="", by=READER, now=newsroom.clock())
    assert [row.state for row in rows(newsroom)] == ["active", "pending"]


def test_a_form_is_no_weapon_against_an_inbox(newsroom: Runtime, clock: Clock, ask: Act) -> None:
    for _ in range(10):
        ask()
        ask(Choice("tides"))
        clock.advance(hours=12)
    days = {letter.created_at.date() for letter in letters(newsroom)}
    assert len(letters(newsroom)) == len(days) == 3


def test_who_came_back_is_asked_again_at_once(newsroom: Runtime, clock: Clock, ask: Act) -> None:
    ask()
    say_yes(newsroom)
    clock.advance(minutes=5)
    leave(newsroom)
    ask()
    assert rows(newsroom)[0].state == SubscriptionState.PENDING
    assert len(letters(newsroom)) == 2


def test_a_stranger_cannot_change_what_is_active(newsroom: Runtime, add: Act, ask: Act) -> None:
    add(Choice("briefing", "daily", ("local",)), name="Ada")
    ask(Choice("briefing", "weekly", ("sport",)), name="Eve")
    [row] = rows(newsroom)
    assert (row.state, row.cadence, row.sections) == ("active", "daily", "local")
    assert ada(newsroom).name == "Ada"
    assert letters(newsroom) == []


def test_a_suppressed_address_gets_nothing_and_is_not_kept(
    newsroom: Runtime, key: str, ask: Act
) -> None:
    with newsroom.sessions.begin() as session:
        suppress(session, "ADA@example.org", "complained", key=key, by=CLI, now=newsroom.clock())
    ask()
    assert (rows(newsroom), letters(newsroom)) == ([], [])
    with newsroom.sessions.read() as session:
        assert list_subscribers(session) == []


def test_who_was_suppressed_meanwhile_cannot_be_confirmed(
    newsroom: Runtime, key: str, ask: Act
) -> None:
    ask()
    with newsroom.sessions.begin() as session:
        suppress(session, ADA, "by_hand", key=key, by=CLI, now=newsroom.clock())
    with pytest.raises(RefusedError, match="nothing was changed"):
        say_yes(newsroom)
    assert rows(newsroom)[0].state == SubscriptionState.PENDING


def test_an_editor_adds_at_once_and_with_proof(newsroom: Runtime, add: Act) -> None:
    add(Choice("briefing", "weekly", ("sport", "sport")), name="  Ada\r\n Lovelace\u202e ")
    [row] = rows(newsroom)
    assert (row.state, row.cadence, row.sections) == ("active", "weekly", "sport")
    assert row.consent["added_by"] == "cli ellis"
    assert ada(newsroom).name == "Ada Lovelace"
    assert letters(newsroom) == []


def test_adding_again_updates_the_choices_only(newsroom: Runtime, clock: Clock, add: Act) -> None:
    add(Choice("briefing", "weekly"))
    since = rows(newsroom)[0].subscribed_at
    clock.advance(days=1)
    add(Choice("briefing", "daily", ("local",)), address="ADA@example.org")
    add(Choice("briefing", "daily", ("local",)))
    [row] = rows(newsroom)
    assert (row.cadence, row.sections, row.subscribed_at) == ("daily", "local", since)
    with newsroom.sessions.read() as session:
        acts = session.exec(select(AuditRow.action).where(AuditRow.ref == row.uuid)).all()
    assert acts == ["subscription.add", "subscription.change"]


def test_nobody_is_brought_back_who_left(newsroom: Runtime, add: Act) -> None:
    add()
    leave(newsroom)
    with pytest.raises(RefusedError, match="Only they can come back"):
        add()
    assert rows(newsroom)[0].state == SubscriptionState.ENDED


def test_nobody_is_added_who_is_suppressed(newsroom: Runtime, key: str, add: Act) -> None:
    with newsroom.sessions.begin() as session:
        suppress(session, ADA, "bounced", key=key, by=CLI, now=newsroom.clock())
    with pytest.raises(RefusedError, match="must not be written to"):
        add()


def test_leaving_is_at_once_and_once(newsroom: Runtime, clock: Clock, add: Act) -> None:
    add(Choice("briefing"), Choice("tides"))
    left_at = clock.advance(hours=1)
    leave(newsroom)
    clock.advance(hours=1)
    leave(newsroom)
    first, second = rows(newsroom)
    assert (first.state, first.ended_at, first.ended_reason) == ("ended", left_at, "unsubscribed")
    assert second.state == SubscriptionState.ACTIVE


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice("briefing", sections=("politics", "local")), "no section “politics”.*local, sport"),
        (Choice("briefing", "hourly"), "daily, weekly"),
        (Choice("tides", "weekly"), "choose from: daily"),
        (Choice("tides", sections=("../x",)), "not a section"),
    ],
)
def test_a_choice_that_is_not_offered_lists_what_is(add: Act, choice: Choice, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        add(choice)


def test_an_unknown_newsletter_is_not_found(add: Act) -> None:
    with pytest.raises(NotFoundError, match="ferries"):
        add(Choice("ferries"))


def test_all_sections_are_kept_as_all(newsroom: Runtime, add: Act) -> None:
    add(Choice("briefing", sections=("sport", "local")))
    assert rows(newsroom)[0].sections == ""


def test_a_refused_request_keeps_nothing(newsroom: Runtime, ask: Act) -> None:
    with pytest.raises(InvalidInputError):
        ask(address="not an address")
    assert (rows(newsroom), letters(newsroom)) == ([], [])


def test_no_audit_row_holds_an_address(newsroom: Runtime, key: str, ask: Act) -> None:
    ask(name="Ada")
    say_yes(newsroom)
    leave(newsroom)
    with newsroom.sessions.begin() as session:
        suppress(session, ADA, "erased", key=key, by=CLI, now=newsroom.clock())
    with newsroom.sessions.read() as session:
        acts = session.exec(select(AuditRow)).all()
    assert len(acts) == 6
    assert not [act for act in acts if "@" in f"{act.actor_name} {act.ref} {act.detail}"]
