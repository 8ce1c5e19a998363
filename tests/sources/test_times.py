"""Times as sources write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.sources.times import read_embargo, read_time

DUBLIN = ZoneInfo("Europe/Dublin")
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-07-01T12:00:00Z",
        "2026-07-01T14:00:00+02:00",
        "2026-07-01 13:00",
        "2026-07-01 08:00 America/New_York",
        "2026-07-01 12:00 UTC",
        "Wed, 01 Jul 2026 12:00:00 GMT",
        "1 Jul 2026 14:00:00 +0200",
        "Wed, 01 Jul 2026 08:00:00 EDT",
    ],
)
def test_usual_forms_are_read_into_utc(written: str) -> None:
    assert read_time(written, DUBLIN) == NOON


@pytest.mark.parametrize(
    "written",
    [
        "",
        "01/07/2026",
        "1724061600",
        "Wed, 01 Jul 2026 12:00:00 CEST",
        "2026-13-01",
        "1970-01-01",
        "2026-07-01 12:00 Atlantis/Port_Ellery",
        "2026-07-01 12:00 ../../etc/passwd",
    ],
)
def test_what_is_not_certain_is_not_read(written: str) -> None:
    assert read_time(written, DUBLIN) is None
    assert read_embargo(written) is None


def test_an_embargo_in_an_hour_that_does_not_exist_ends_after_it() -> None:
    skipped = read_embargo("2026-03-29 02:30 Europe/Berlin")
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    assert read_time(text, UTC) is None or read_time(text, UTC) == read_time(text, UTC)
    read_embargo(text)


@given(st.datetimes())
def test_an_embargo_without_a_zone_is_never_taken(wall: datetime) -> None:
    assert read_embargo(wall.isoformat()) is None
