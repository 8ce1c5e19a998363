"""Local times on the command line: read with their zone, written with their zone."""

import re
from datetime import UTC, datetime
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from publisher.errors import InvalidInputError

FORMAT = "%Y-%m-%d %H:%M"
_OFFSET = re.compile(r"\s*(Z|[+-]\d{2}:?\d{2})$")


def moment(text: str, zone: str, now: datetime) -> datetime:
    """The UTC moment of `text`, 'YYYY-MM-DD HH:MM' on the clocks of `zone`; it is to come.

    An offset behind it ('… 02:30 +01:00') wins over the zone. Raises InvalidInputError for what
    is no time, has passed, or does not exist or exists twice because clocks are changed.
    """
    found = _OFFSET.search(text)
    naive = _read(text[: found.start()] if found else text)
    if found:
        at = datetime.strptime(f"{naive:{FORMAT}} {found[1]}", f"{FORMAT} %z").astimezone(UTC)
    else:
        at = _on_the_clock(naive, zone)
    if at <= now:
        raise InvalidInputError(
            f"{shown(at, zone)} has passed (it is {shown(now, zone)}); choose a time to come."
        )
    return at


def shown(at: datetime | None, zone: str) -> str:
    """A moment on the clocks of `zone`, with the zone's name; empty for none."""
    return f"{at.astimezone(zone_named(zone)):{FORMAT}} {zone}" if at else ""


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone; raises InvalidInputError that offers names like it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(name, available_timezones(), n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Write one like Europe/Lisbon."
        raise InvalidInputError(f"“{name}” is not a time zone. {hint}") from None


def _read(text: str) -> datetime:
    try:
        # the zone is put on by the caller, who knows which one was meant
        return datetime.strptime(text.strip().replace("T", " "), FORMAT)  # noqa: DTZ007
    except ValueError:
        raise InvalidInputError(
            f"“{text}” is not a time; write it as 'YYYY-MM-DD HH:MM', like '2026-12-24 17:30'."
        ) from None


def _on_the_clock(naive: datetime, zone: str) -> datetime:
    clock = zone_named(zone)
    first, second = (naive.replace(tzinfo=clock, fold=fold) for fold in (0, 1))
    at = first.astimezone(UTC)
    if at.astimezone(clock).replace(tzinfo=None) != naive:
        raise InvalidInputError(
            f"{naive:{FORMAT}} does not exist in {zone}: clocks are put forward over it. "
            f"Choose {at.astimezone(clock):{FORMAT}} or another time."
        )
    if first.utcoffset() != second.utcoffset():
        offsets = " or ".join(
            f"'{naive:{FORMAT}} {one.isoformat()[-6:]}'" for one in (first, second)
        )
        raise InvalidInputError(
            f"{naive:{FORMAT}} exists twice in {zone}: clocks are put back over it. "
            f"Say which one you mean: {offsets}."
        )
    return at
