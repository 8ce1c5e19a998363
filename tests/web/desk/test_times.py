from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import InvalidInputError
from publisher.web.desk.times import distance, moment_of, offset, wall

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "words"),
    [
        (1, "UTC", "today 10:30"),
        (15, "UTC", "tomorrow 00:30"),
        (-20, "UTC", "Mon 9 March, 13:30"),
        (15, "America/New_York", "today 20:30"),
        (24 * 300, "UTC", "Mon 4 January 2027, 09:30"),
    ],
)
def test_a_moment_is_said_as_people_say_it(hours: int, zone: str, words: str) -> None:
    assert wall(NOW + timedelta(hours=hours), NOW, zone) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "UTC"),
        ("Europe/London", "Europe/London, UTC+0"),
        ("America/New_York", "America/New_York, UTC-4"),
        ("Asia/Kathmandu", "Asia/Kathmandu, UTC+5:45"),
        ("America/St_Johns", "America/St_Johns, UTC-2:30"),
    ],
)
def test_a_zone_is_said_with_its_offset(zone: str, words: str) -> None:
    assert offset(NOW, zone) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (59, "in 59 s"),
        (-60, "1 min ago"),
        (3600, "in 1 h"),
        (12_000, "in 3 h 20 min"),
        (-86_400, "1 day ago"),
        (200_000, "in 2 days"),
    ],
)
def test_a_distance_is_said_in_words(seconds: int, words: str) -> None:
    assert distance(NOW + timedelta(seconds=seconds), NOW) == words


def test_a_time_that_autumn_doubles_is_its_first_occurrence() -> None:
    assert moment_of("2026-10-25", "02:30", "Europe/Berlin", NOW) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_a_time_that_spring_skips_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="does not exist"):
        moment_of("2026-03-29", "02:30", "Europe/Berlin", NOW)


@given(
    st.datetimes(datetime(2026, 3, 11), datetime(2030, 1, 1)).filter(lambda local: local.hour > 3),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"]),
)
def test_what_is_filled_in_is_what_is_shown(local: datetime, zone: str) -> None:
    at = moment_of(f"{local:%Y-%m-%d}", f"{local:%H:%M}", zone, NOW)
    here = at.astimezone(ZoneInfo(zone))
    assert f"{here:%Y-%m-%d %H:%M}" == f"{local:%Y-%m-%d %H:%M}"
    assert f"{here:%H:%M}" in wall(at, NOW, zone)
