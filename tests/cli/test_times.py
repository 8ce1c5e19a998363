from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.cli.times import moment, shown
from publisher.errors import InvalidInputError

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime"})


def test_a_time_is_read_on_the_clocks_of_its_zone() -> None:
    assert moment("2026-07-01 07:30", "Asia/Kolkata", NOW) == datetime(2026, 7, 1, 2, 0, tzinfo=UTC)


def test_an_hour_that_clocks_skip_is_refused_with_one_that_exists() -> None:
    with pytest.raises(InvalidInputError, match=r"does not exist in Europe/Berlin.* 03:30"):
        moment("2026-03-29 02:30", "Europe/Berlin", NOW)


def test_an_hour_that_comes_twice_is_refused_with_both_that_it_could_be() -> None:
    with pytest.raises(InvalidInputError, match=r"exists twice .*02:30 \+02:00.*02:30 \+01:00"):
        moment("2026-10-25 02:30", "Europe/Berlin", NOW)


def test_an_offset_says_which_of_the_two_is_meant() -> None:
    first = moment("2026-10-25 02:30 +02:00", "Europe/Berlin", NOW)
    second = moment("2026-10-25T02:30+01:00", "Europe/Berlin", NOW)
    assert second - first == timedelta(hours=1)
    assert moment("2026-10-25 00:30Z", "Europe/Berlin", NOW) == first


def test_a_time_that_has_passed_is_refused_on_the_clocks_it_was_meant_for() -> None:
    with pytest.raises(InvalidInputError, match="2026-01-15 13:00 Europe/Berlin has passed"):
        moment("2026-01-15 13:00", "Europe/Berlin", NOW)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-02-30 07:00", "07:00", "2026-06-01 25:00", "2026-06-01 07:00 +9"]
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInputError, match="YYYY-MM-DD HH:MM"):
        moment(text, "UTC", NOW)


@pytest.mark.parametrize("zone", ["Europe/Berln", "", "../etc/passwd", "europe"])
def test_what_is_no_zone_is_refused_with_one_that_is(zone: str) -> None:
    with pytest.raises(InvalidInputError, match=r"is not a time zone\. (Did you mean|Write one)"):
        moment("2026-06-01 07:00", zone, NOW)


@given(
    st.datetimes(datetime(2026, 2, 1), datetime(2035, 12, 31)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    st.sampled_from(ZONES),
)
def test_every_accepted_time_is_exactly_what_was_written(naive: datetime, zone: str) -> None:
    written = f"{naive:%Y-%m-%d %H:%M}"
    try:
        at = moment(written, zone, NOW)
    except InvalidInputError as refusal:
        assert "exist" in str(refusal)  # noqa: PT017 - either it is refused, or it is exact
        return
    assert shown(at, zone) == f"{written} {zone}"
    assert at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == naive
