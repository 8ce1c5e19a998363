"""Quiet hours: an edition that is being sent waits for the morning of its newsletter's zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from publisher.audience.models import NewsletterRow
from publisher.delivery.claim import Claim, put_back
from publisher.delivery.hold import note_trouble
from publisher.editions.models import EditionKind, EditionRow

RESTING = frozenset({EditionKind.DIGEST, EditionKind.SPECIAL})
_BEGINNING = "Quiet hours"


def rest(session: Session, claim: Claim, edition: EditionRow, now: datetime) -> bool:
    """Put the batch back until the quiet hours are over, and say so; False where there are none.

    Alerts, corrections and kill notices are never quiet.
    """
    until = _until(session, edition, now)
    if until is None:
        if edition.reason and edition.reason.startswith(_BEGINNING):
            edition.reason = None
        return False
    put_back(session, claim, not_before=until)
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    clock = f"{until.astimezone(ZoneInfo(newsletter.zone)):%H:%M} ({newsletter.zone})"
    reason = f"{_BEGINNING} of “{newsletter.name}” until {clock}; it goes on by itself."
    note_trouble(session, claim.edition_id, reason)
    return True


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


def _until(session: Session, edition: EditionRow, now: datetime) -> datetime | None:
    if edition.kind not in RESTING:
        return None
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    if newsletter.quiet_from is None or newsletter.quiet_until is None:
        return None
    return quiet_end(newsletter.quiet_from, newsletter.quiet_until, newsletter.zone, now)
