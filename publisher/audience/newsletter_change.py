"""Changing a newsletter that has readers already."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from publisher.accounts.actor import Actor, record
from publisher.audience.models import NewsletterRow
from publisher.audience.newsletters import find_newsletter
from publisher.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class NewsletterChange:
    """What changes of a newsletter: None leaves as it is.

    `quiet` are the local hours from and until which its editions wait, or nothing for none;
    `resend_uncertain` mails again where nobody knows whether a mail arrived.
    """

    quiet: tuple[int, int] | tuple[()] | None = None
    resend_uncertain: bool | None = None


def change_newsletter(
    session: Session, slug: str, change: NewsletterChange, *, by: Actor, now: datetime
) -> NewsletterRow:
    """Change how a newsletter's editions go out; those that are being sent follow at once.

    Raises NotFoundError, and InvalidInputError that says what would do.
    """
    if change == NewsletterChange():
        raise InvalidInputError("Say what is to change: quiet hours, or what becomes of uncertain.")
    row = find_newsletter(session, slug)
    if change.quiet is not None:
        _check_quiet(change.quiet)
        row.quiet_from, row.quiet_until = change.quiet or (None, None)
    if change.resend_uncertain is not None:
        row.resend_uncertain = change.resend_uncertain
    session.add(row)
    session.flush()
    detail = {"quiet": change.quiet, "resend_uncertain": change.resend_uncertain}
    record(session, by, "newsletter.change", "newsletter", row.uuid, at=now, **detail)
    return row


def _check_quiet(quiet: tuple[int, ...]) -> None:
    if any(not 0 <= hour <= 23 for hour in quiet):  # noqa: PLR2004 - the hours of a day
        raise InvalidInputError("Quiet hours are two of 0 to 23, on the clock of its zone.")
    if quiet and quiet[0] == quiet[1]:
        raise InvalidInputError("Quiet hours must leave an hour in which mail may go.")
