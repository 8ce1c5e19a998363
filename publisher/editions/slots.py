"""When a newsletter is due: local wall time in an IANA zone, one moment a local day; pure.

Rule and clock changes as in Debian's cron (cronsim): a time that a spring night skips is due at
the first minute after the gap; one that an autumn night doubles is due at its first occurrence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

HORIZON = {"daily": timedelta(days=7), "weekly": timedelta(days=21)}
FREEZE_LEAD = timedelta(minutes=5)
LATE_LIMIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Due:
    """One slot: `at` in UTC, and the local date it belongs to."""

    at: datetime
    local_date: date


@dataclass(frozen=True, slots=True)
class Rule:
    """Daily or weekly at `hour` local time; `weekday` as in cron, 0 is Sunday."""

    cadence: str
    hour: int
    weekday: int
    zone: str

    @property
    def cron(self) -> str:
        """The rule as five cron fields."""
        day = "*" if self.cadence == "daily" else str(self.weekday)
        return f"0 {self.hour} * * {day}"


def due_after(rule: Rule, moment: datetime) -> Iterator[Due]:
    """The slots after `moment`, in order, without end; each local date at most once."""
    last: date | None = None
    for local in CronSim(rule.cron, moment.astimezone(ZoneInfo(rule.zone))):
        if local.date() != last:
            last = local.date()
            yield Due(local.astimezone(UTC), last)


def missing_slots(rule: Rule, planned_until: datetime, now: datetime) -> list[Due]:
    """Every slot after the last planned one up to the first that is still to come.

    None where one to come is planned already.
    """
    slots: list[Due] = []
    if planned_until > now:
        return slots
    for due in due_after(rule, planned_until):
        slots.append(due)
        if due.at > now:
            break
    return slots
