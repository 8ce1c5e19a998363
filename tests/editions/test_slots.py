"""When newsletters are due, through all zones and clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from publisher.editions.slots import Rule, due_after, missing_slots

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)
moments = st.integers(0, 7 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(st.sampled_from(ZONES), st.integers(0, 23), moments)
def test_a_daily_newsletter_is_due_once_on_every_local_date(
    zone: str, hour: int, start: datetime
) -> None:
    slots = list(islice(due_after(Rule("daily", hour, 1, zone), start), 40))

    dates = [slot.local_date for slot in slots]
    assert dates == [dates[0] + timedelta(days=day) for day in range(40)]
    assert all(later.at > earlier.at for earlier, later in pairwise(slots))


@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 6), moments)
def test_a_weekly_newsletter_is_due_on_its_weekday(
    zone: str, hour: int, weekday: int, start: datetime
) -> None:
    slots = list(islice(due_after(Rule("weekly", hour, weekday, zone), start), 8))

    assert {slot.local_date.isoweekday() % 7 for slot in slots} == {weekday}
    assert all(
        later.local_date - earlier.local_date == timedelta(7) for earlier, later in pairwise(slots)
    )


@given(st.sampled_from(ZONES), st.integers(0, 23), moments)
def test_a_slot_is_at_its_local_hour_or_just_after_a_gap(
    zone: str, hour: int, start: datetime
) -> None:
    for slot in islice(due_after(Rule("daily", hour, 1, zone), start), 30):
        local = slot.at.astimezone(ZoneInfo(zone))
        skipped = local.replace(hour=hour, minute=0, fold=0, tzinfo=None)
        exists = skipped.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        assert local.hour == hour or exists.replace(tzinfo=None) != skipped


def test_a_time_that_a_spring_night_skips_is_due_after_the_gap() -> None:
    slot = next(
        due_after(Rule("daily", 2, 1, "Europe/Berlin"), datetime(2026, 3, 28, 12, tzinfo=UTC))
    )

    assert (slot.at, slot.local_date) == (datetime(2026, 3, 29, 1, tzinfo=UTC), date(2026, 3, 29))


def test_a_time_that_an_autumn_night_doubles_is_due_at_its_first_occurrence() -> None:
    rule = Rule("daily", 2, 1, "Europe/Berlin")
    first, second = islice(due_after(rule, datetime(2026, 10, 24, 12, tzinfo=UTC)), 2)

    assert first.at == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert second.local_date == date(2026, 10, 26)


def test_planning_goes_up_to_the_first_slot_to_come() -> None:
    rule = Rule("daily", 7, 1, "UTC")
    now = datetime(2026, 3, 10, 9, tzinfo=UTC)

    slots = missing_slots(rule, datetime(2026, 3, 8, 7, tzinfo=UTC), now)

    assert [slot.local_date.day for slot in slots] == [9, 10, 11]
