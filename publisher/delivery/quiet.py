"""Quiet hours: an edition that is being sent waits for the morning of its newsletter's zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from publisher.delivery.claim import Claim, put_back
from publisher.delivery.hold import note_trouble
from publisher.delivery.standing import Standing, standing_of
from publisher.editions.models import EditionKind

RESTING = frozenset({EditionKind.DIGEST, EditionKind.SPECIAL})
_BEGINNING = "Quiet hours"


def rest(session: Session, claim: Claim, edition: Standing, now: datetime) -> bool:
    """Put the batch back until the quiet hours are over, and say so; False where there are none.

    Alerts, corrections and kill notices are never quiet.
    """
    until = _until(edition, now)
    if until is None:
        if edition.reason and edition.reason.startswith(_BEGINNING):
            note_trouble(session, claim.edition_id, None)
        return False
    put_back(session, claim, not_before=until)
    clock = f"{until.astimezone(ZoneInfo(edition.zone)):%H:%M} ({edition.zone})"
    reason = f"{_BEGINNING} of “{edition.newsletter}” until {clock}; it goes on by itself."
    note_trouble(session, claim.edition_id, reason)
    return True


def is_quiet(session: Session, edition_id: int, now: datetime) -> bool:
    """Whether the edition rests now."""
    return _until(standing_of(session, edition_id), now) is not None


def quiet_end(begin: int, end: int, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that `now` lies in are over, in UTC; None where `now` is not quiet.

    From `begin` to `end` o'clock on the clocks of `zone`; the later hour may be the smaller
    number. An hour that a clock change skips ends when the change has come; one that it doubles
    is quiet, or not, both times.
    """
    clock = ZoneInfo(zone)
    local = now.astimezone(clock)
    if (local.hour - begin) % 24 >= (end - begin) % 24:
        return None
    for days in range(3):
        day = local.date() + timedelta(days=days)
        at = datetime.combine(day, time(end), tzinfo=clock).astimezone(UTC)
        if at > now:
            return at
    return None


def _until(edition: Standing, now: datetime) -> datetime | None:
    if edition.kind not in RESTING or edition.quiet_from is None or edition.quiet_until is None:
        return None
    return quiet_end(edition.quiet_from, edition.quiet_until, edition.zone, now)
