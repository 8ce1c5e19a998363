"""Reads the times that sources write: strictly, in their own zone, and embargoes never early."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FIRST_YEAR, _LAST_YEAR = 1990, 2200
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?", re.DOTALL)
_RFC_822 = re.compile(
    r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} .*\d(?: (?:[+-]\d{4}|GMT|UTC?|[ECMP][SD]T))?"
)
_NAMED_ZONE = re.compile(r"(?P<wall>\d\S*(?: \d\S*)?) (?P<zone>UTC|GMT|[A-Z]\w+(?:/[\w+-]+)+)")


def read_time(text: str, zone: tzinfo) -> datetime | None:
    """Read ISO 8601 or RFC 822; a time without a zone is in the source's `zone`; result in UTC.

    None for what cannot be read and for years that no news is from.
    """
    try:
        at = _read(" ".join(text.split()), _fold_first)
        return None if at is None else _in_reach(at if at.tzinfo else at.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def read_embargo(text: str) -> datetime | None:
    """Read the end of an embargo in UTC; None means that a person must decide.

    A time without a zone is never taken as UTC or local: hours early is a broken embargo. Of a
    wall time that a clock change makes double, or skips, the later moment counts.
    """
    try:
        at = _read(" ".join(text.split()), _fold_last)
        return _in_reach(at) if at is not None and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _read(text: str, place: Callable[[datetime, ZoneInfo], datetime]) -> datetime | None:
    if named := _NAMED_ZONE.fullmatch(text):
        wall = datetime.fromisoformat(named["wall"])
        zone = _zone(named["zone"])
        return place(wall, zone) if zone and wall.tzinfo is None else None
    if _ISO_DAY.fullmatch(text):
        return datetime.fromisoformat(text)
    return parsedate_to_datetime(text) if _RFC_822.fullmatch(text) else None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _fold_first(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone)


def _fold_last(wall: datetime, zone: ZoneInfo) -> datetime:
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _in_reach(at: datetime) -> datetime | None:
    moment = at.astimezone(UTC)
    return moment if _FIRST_YEAR <= moment.year < _LAST_YEAR else None
