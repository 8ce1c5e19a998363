"""Quiet hours: editions wait for the morning of their newsletter's zone, then go on."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.audience.newsletter_change import NewsletterChange, change_newsletter
from publisher.delivery.quiet import quiet_end
from publisher.editions.models import EditionKind, EditionRow, EditionState
from publisher.errors import InvalidInputError
from tests.delivery.post import pass_time
from tests.services.runtimes import Clock
from tests.services.smtp import SmtpServer
from tests.world import EDITOR, World

ZONES = sorted(available_timezones())
CHANGES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
moments = st.datetimes(
    datetime(2024, 1, 1),
    datetime(2030, 12, 31),
    timezones=st.just(UTC),
)
hours = st.integers(0, 23)


@given(begin=hours, end=hours, zone=st.sampled_from(ZONES) | st.sampled_from(CHANGES), now=moments)
@example(22, 2, "Europe/Berlin", datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
@example(22, 2, "Europe/Berlin", datetime(2026, 10, 24, 23, 30, tzinfo=UTC))
@example(23, 1, "America/New_York", datetime(2026, 11, 1, 4, 30, tzinfo=UTC))
@example(22, 2, "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 15, tzinfo=UTC))
@example(22, 7, "America/Nuuk", datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
@example(23, 0, "America/Nuuk", datetime(2024, 3, 31, 0, 30, tzinfo=UTC))
def test_the_quiet_end_when_the_clock_of_the_zone_leaves_them(
    begin: int, end: int, zone: str, now: datetime
) -> None:
    until = quiet_end(begin, end, zone, now)

    assert (until is not None) == is_quiet(begin, end, zone, now)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert not is_quiet(begin, end, zone, until)
        steps = int((until - now) / timedelta(minutes=15))
        assert all(
            is_quiet(begin, end, zone, now + n * timedelta(minutes=15)) for n in range(steps)
        )


def is_quiet(begin: int, end: int, zone: str, at: datetime) -> bool:
    """Said in another way: the hour on the wall is one of those from begin up to end."""
    listed = {(begin + step) % 24 for step in range((end - begin) % 24)}
    return at.astimezone(ZoneInfo(zone)).hour in listed


@pytest.fixture
def newsroom(world: World) -> World:
    """Three readers in Lisbon, where it is half past nine, and a story."""
    world.newsletter(zone="Europe/Lisbon")
    world.readers(3)
    world.story("ferry")
    return world


def test_an_edition_waits_for_the_end_of_the_quiet_hours(
    newsroom: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    quiet(newsroom, 22, 11)
    edition = newsroom.digest()
    newsroom.send_all(edition)
    assert smtp_server.messages == []
    assert newsroom.row(edition).state == EditionState.SENDING
    assert newsroom.row(edition).reason == (
        "Quiet hours of “Briefing” until 11:00 (Europe/Lisbon); it goes on by itself."
    )

    pass_time(newsroom, clock, edition, timedelta(minutes=89))
    assert smtp_server.messages == []
    pass_time(newsroom, clock, edition, timedelta(minutes=1))

    assert len(smtp_server.messages) == 3
    assert newsroom.row(edition).state == EditionState.SENT
    assert newsroom.row(edition).reason is None


def test_quiet_hours_that_begin_meanwhile_stop_it_between_two_windows(
    newsroom: World, smtp_server: SmtpServer, clock: Clock
) -> None:
    for number in range(60):
        newsroom.reader(f"more{number}")
    quiet(newsroom, 10, 12)
    edition = newsroom.digest()

    def night_falls(_envelope: object) -> None:
        clock.now = clock.now.replace(hour=10)

    smtp_server.after_data = night_falls
    newsroom.send_all(edition)
    assert len(smtp_server.messages) == 50
    pass_time(newsroom, clock, edition, timedelta(hours=1))
    assert len(smtp_server.messages) == 50

    smtp_server.after_data = lambda _envelope: None
    pass_time(newsroom, clock, edition, timedelta(hours=1, minutes=30))
    assert len(smtp_server.messages) == 63


@pytest.mark.parametrize("kind", [EditionKind.ALERT, EditionKind.CORRECTION])
def test_what_is_urgent_never_rests(
    newsroom: World, smtp_server: SmtpServer, kind: EditionKind
) -> None:
    quiet(newsroom, 22, 11)
    edition = newsroom.digest()
    with newsroom.runtime.sessions.begin() as session:
        session.get_one(EditionRow, edition).kind = kind
    newsroom.send_all(edition)

    assert len(smtp_server.messages) == 3


def test_quiet_hours_are_taken_away_again(newsroom: World, smtp_server: SmtpServer) -> None:
    quiet(newsroom, 22, 11)
    quiet(newsroom)
    newsroom.send_all(newsroom.digest())

    assert len(smtp_server.messages) == 3


@pytest.mark.parametrize("wrong", [(7, 7), (24, 7), (22, -1)])
def test_quiet_hours_must_leave_an_hour(newsroom: World, wrong: tuple[int, int]) -> None:
    with pytest.raises(InvalidInputError, match="Quiet hours"):
        quiet(newsroom, *wrong)


def quiet(world: World, *between: int) -> None:
    """Let the newsletter rest between two hours, or never."""
    change = NewsletterChange(quiet=between)  # type: ignore[arg-type]
    with world.runtime.sessions.begin() as session:
        change_newsletter(session, "briefing", change, by=EDITOR, now=world.now)
