"""Moments as the desk says them: always with their zone, and how far off they are."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from publisher.errors import InvalidInputError

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def wall(at: datetime, now: datetime, zone: str) -> str:
    """Day and time on the clock of `zone`: `today 07:00`, `Wed 11 March, 07:00`."""
    here, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    near = {today: "today", today + timedelta(days=1): "tomorrow"}
    if here.date() in near:
        return f"{near[here.date()]} {here:%H:%M}"
    year = "" if here.year == today.year else f" {here.year}"
    return f"{here:%a} {here.day} {here:%B}{year}, {here:%H:%M}"


def offset(at: datetime, zone: str) -> str:
    """The zone and its distance from UTC at that moment: `Europe/London, UTC+1`."""
    if zone == "UTC":
        return "UTC"
    minutes = round((at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"{zone}, UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def distance(at: datetime, now: datetime) -> str:
    """How far off: `in 3 h 20 min`, `12 min ago`, `now`."""
    seconds = round((at - now).total_seconds())
    span = _span(abs(seconds))
    if not span:
        return "now"
    return f"in {span}" if seconds > 0 else f"{span} ago"


def moment_of(day: str, time: str, zone: str, now: datetime) -> datetime:
    """The UTC moment of a date (YYYY-MM-DD) and time (HH:MM) on the clock of `zone`, to come.

    A time that an autumn night doubles is its first occurrence. Raises InvalidInputError for
    what is no date or zone, is skipped by a spring night, or has passed.
    """
    if zone not in available_timezones():
        raise InvalidInputError("Choose a time zone from the list.")
    try:
        # the zone is put on in the next line
        naive = datetime.strptime(f"{day} {time[:5]}", "%Y-%m-%d %H:%M")  # noqa: DTZ007
    except ValueError:
        raise InvalidInputError("Give a date and a time.") from None
    at = naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive:
        raise InvalidInputError(
            f"{time[:5]} does not exist on that day in {zone}: clocks are put forward over it."
        )
    if at <= now:
        raise InvalidInputError(
            f"{wall(at, now, zone)} ({offset(at, zone)}) has passed; choose a time to come."
        )
    return at


def _span(seconds: int) -> str:
    if seconds < _MINUTE:
        return f"{seconds} s" if seconds else ""
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        rest = seconds % _HOUR // _MINUTE
        return f"{seconds // _HOUR} h" + (f" {rest} min" if rest else "")
    days = seconds // _DAY
    return f"{days} day{'s' if days > 1 else ''}"


FOR_TEMPLATES = {"wall": wall, "offset": offset, "distance": distance}
