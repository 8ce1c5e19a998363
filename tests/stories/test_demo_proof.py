"""The proof at the end of the demo must not be satisfied by anything less than the truth."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console
from sqlmodel import col, delete, select, update

from publisher.cli.demo.proof import Check, prove
from publisher.cli.demo.proof_feeds import feed_differences
from publisher.cli.demo.proof_mailbox import (
    Expected,
    Mail,
    deliveries_expected,
    mail_differences,
    mails_in,
)
from publisher.cli.demo.proof_pages import page_differences
from publisher.cli.demo.summary import proof_table
from publisher.cli.demo.visit import Page
from publisher.editions.models import DeliveryRow, DeliveryState
from publisher.feeds.models import FeedEntryRow, FeedRow
from publisher.mail.maildir import Stored, keys, store
from publisher.newsroom.models import ArticleRow
from publisher.store import Runtime
from tests.services.runtimes import Clock
from tests.stories.demo_day import Day, demo_day, kill_story

on_sqlite = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)


@pytest.fixture
def day(runtime: Runtime, clock: Clock) -> Iterator[Day]:
    with demo_day(runtime, clock) as day:
        yield day


@on_sqlite
def test_a_day_without_fault_is_proved(day: Day) -> None:
    assert len(keys(day.mailbox)) == 3
    assert _differences(day) == []


@on_sqlite
def test_a_missing_message_is_noticed(day: Day) -> None:
    day.mails_to("sam")[0].path.unlink()

    (found,) = _in_mailbox(day)
    assert "sam@reader.example is accepted, but the mailbox has 0 messages" in found


@on_sqlite
def test_a_doubled_message_is_noticed(day: Day) -> None:
    mail = day.mails_to("sam")[0]
    _put_in(day, mail, mail.raw, to="sam")

    assert any("the mailbox has 2 messages of it" in line for line in _in_mailbox(day))


@on_sqlite
def test_a_message_with_a_foreign_story_is_noticed(day: Day) -> None:
    cora, sam = day.mails_to("cora")[0], day.mails_to("sam")[0]
    _put_in(day, sam, cora.raw.replace(_id_of(cora), _id_of(sam)), to="sam")
    sam.path.unlink()

    (found,) = _in_mailbox(day)
    assert "sam@reader.example has other stories than its variant: it lacks none" in found


@on_sqlite
def test_a_message_that_lacks_a_story_is_noticed(day: Day) -> None:
    cora, sam = day.mails_to("cora")[0], day.mails_to("sam")[0]
    _put_in(day, cora, sam.raw.replace(_id_of(sam), _id_of(cora)), to="cora")
    cora.path.unlink()

    (found,) = _in_mailbox(day)
    assert "cora@reader.example has other stories" in found
    assert "has none too many" in found


@on_sqlite
def test_a_message_that_went_to_somebody_else_is_noticed(day: Day) -> None:
    mail = day.mails_to("sam")[0]
    _put_in(day, mail, mail.raw, to="stranger")
    mail.path.unlink()

    assert any("went to stranger@reader.example" in line for line in _in_mailbox(day))


@on_sqlite
def test_a_message_that_belongs_to_no_delivery_is_noticed(day: Day) -> None:
    mail = day.mails_to("sam")[0]
    _put_in(day, mail, mail.raw.replace(_id_of(mail), b"<made-up@harbour.example>"), to="sam")

    assert any("belongs to no delivery" in line for line in _in_mailbox(day))


@pytest.mark.parametrize(
    ("state", "messages", "fine"),
    [
        ("accepted", 1, True),
        ("accepted", 0, False),
        ("uncertain", 0, True),
        ("uncertain", 1, True),
        ("uncertain", 2, False),
        ("queued", 1, False),
        ("withdrawn", 1, False),
        ("withdrawn", 0, True),
    ],
)
def test_a_delivery_has_as_many_messages_as_its_state_says(
    state: str, messages: int, *, fine: bool
) -> None:
    expected = Expected("Edition 1", "<1@x>", "sam@reader.example", state)
    mails = [Mail("<1@x>", ("sam@reader.example",), ())] * messages
    assert (mail_differences([expected], mails) == []) is fine


def test_a_story_that_a_reader_got_in_two_mails_is_noticed() -> None:
    who = "sam@reader.example"
    expected = [Expected("Edition", f"<{n}@x>", who, "accepted", ("a",)) for n in (1, 2)]
    mails = [Mail(f"<{n}@x>", (who,), ("a",)) for n in (1, 2)]

    assert mail_differences(expected, mails) == [f"{who} got the story a in 2 messages."]


@on_sqlite
def test_feeds_that_still_have_a_killed_story_are_noticed(day: Day) -> None:
    kill_story(day.world, "market")

    found = feed_differences(day.runtime, day.visit)
    assert len(found) == 6  # three documents of the whole site, three of its section
    assert all("which may not leave" in line for line in found)


@on_sqlite
def test_feeds_that_lack_a_story_are_noticed(day: Day) -> None:
    day.world.story("lighthouse")

    found = feed_differences(day.runtime, day.visit)
    assert len(found) == 6
    assert all("lacks “lighthouse”" in line for line in found)


@on_sqlite
def test_a_section_without_a_feed_is_noticed(day: Day) -> None:
    with day.runtime.sessions.begin() as session:
        session.exec(delete(FeedEntryRow).where(col(FeedEntryRow.slug) == "sport"))
        session.exec(delete(FeedRow).where(col(FeedRow.slug) == "sport"))

    assert feed_differences(day.runtime, day.visit) == ["There is no feed of sport."]


@on_sqlite
def test_a_feed_that_breaks_off_is_noticed(day: Day) -> None:
    def cut(url: str) -> Page:
        page = day.visit(url)
        return Page(page.status, page.body[: len(page.body) // 2])

    found = feed_differences(day.runtime, cut)
    assert len(found) == 9
    assert all("cannot be read" in line for line in found)


@on_sqlite
def test_a_killed_story_whose_page_still_answers_is_noticed(day: Day) -> None:
    (found,) = page_differences(day.runtime, lambda _url: Page(200, b""))
    assert "(killed) answers 200, not 410" in found


@on_sqlite
def test_a_reader_who_is_unaccounted_for_is_noticed(day: Day) -> None:
    with day.runtime.sessions.begin() as session:
        statement = select(DeliveryRow.subscriber_id).order_by(col(DeliveryRow.subscriber_id))
        first = session.exec(statement).first()
        session.exec(delete(DeliveryRow).where(col(DeliveryRow.subscriber_id) == first))

    assert any("does not add up" in line for line in _differences(day))


@on_sqlite
def test_more_doubt_than_one_connection_can_leave_is_noticed(day: Day) -> None:
    with day.runtime.sessions.begin() as session:
        session.exec(update(DeliveryRow).values(state=DeliveryState.UNCERTAIN))

    assert "3 deliveries are uncertain; at most 2 may be." in _differences(day)


@on_sqlite
def test_an_edition_that_carries_a_story_killed_before_is_noticed(day: Day) -> None:
    with day.runtime.sessions.begin() as session:
        session.exec(update(ArticleRow).values(left_at=day.runtime.clock() - timedelta(days=1)))

    assert any("carries a story that was killed before" in line for line in _differences(day))


@on_sqlite
def test_a_day_without_a_kill_proves_nothing_about_kills(runtime: Runtime) -> None:
    checks = prove(runtime, lambda _url: Page(200, b"{}"), connections_lost=0)

    assert any("so nothing is shown by it" in line for line in checks[-1].differences)


def test_what_differs_stands_below_its_check_and_is_not_endless() -> None:
    checks = [Check("All is well."), Check("Feeds hold.", tuple(f"Line {n}" for n in range(20)))]
    screen = StringIO()
    Console(width=60, file=screen).print(proof_table(checks))
    shown = screen.getvalue()
    assert "✓ All is well." in shown
    assert "✗ Feeds hold." in shown
    assert "Line 11" in shown
    assert "Line 12" not in shown
    assert "and 8 more like these." in shown


def _differences(day: Day) -> list[str]:
    checks = prove(day.runtime, day.visit, connections_lost=1)
    return [line for check in checks for line in check.differences]


def _in_mailbox(day: Day) -> list[str]:
    return mail_differences(deliveries_expected(day.runtime), mails_in(day.runtime.settings))


def _id_of(mail: Stored) -> bytes:
    (line,) = [line for line in mail.raw.splitlines() if line.lower().startswith(b"message-id:")]
    return line.partition(b":")[2].strip()


def _put_in(day: Day, mail: Stored, raw: bytes, *, to: str) -> None:
    recipients = [f"{to}@reader.example"]
    store(day.mailbox, mail.envelope_from, recipients, raw, mail.received_at)
