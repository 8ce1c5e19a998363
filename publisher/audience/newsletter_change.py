"""Changing a newsletter that has readers already."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session

from publisher.accounts.actor import Actor, record
from publisher.audience.addresses import normalise
from publisher.audience.models import NewsletterRow
from publisher.audience.newsletters import check_line, check_signing, find_newsletter
from publisher.errors import InvalidInputError
from publisher.mail.dkim_names import domain_name, selector_names


@dataclass(frozen=True, slots=True)
class NewsletterChange:
    """What changes of a newsletter: None leaves as it is.

    Nothing ("") for `reply_to`, and for `dkim_domain` and `dkim_selector` together, takes it away.
    `quiet` are the local hours from and until which its editions wait, or nothing for none;
    `resend_uncertain` mails again where nobody knows whether a mail arrived.
    """

    sender_name: str | None = None
    sender_address: str | None = None
    reply_to: str | None = None
    dkim_domain: str | None = None
    dkim_selector: str | None = None
    quiet: tuple[int, int] | tuple[()] | None = None
    resend_uncertain: bool | None = None


def change_newsletter(
    session: Session, slug: str, change: NewsletterChange, *, by: Actor, now: datetime
) -> NewsletterRow:
    """Change how a newsletter's editions go out; those that are being sent follow at once.

    Raises NotFoundError, and InvalidInputError that says what would do.
    """
    if change == NewsletterChange():
        raise InvalidInputError(
            "Say what is to change: the sender, its key, quiet hours, what becomes of uncertain."
        )
    row = find_newsletter(session, slug)
    _change_sender(row, change)
    if change.quiet is not None:
        _check_quiet(change.quiet)
        row.quiet_from, row.quiet_until = change.quiet or (None, None)
    if change.resend_uncertain is not None:
        row.resend_uncertain = change.resend_uncertain
    session.add(row)
    session.flush()
    detail = {name: value for name, value in asdict(change).items() if value is not None}
    record(session, by, "newsletter.change", "newsletter", row.uuid, at=now, **detail)
    return row


def _change_sender(row: NewsletterRow, change: NewsletterChange) -> None:
    if change.sender_name is not None:
        check_line("sender name", change.sender_name)
        row.sender_name = change.sender_name.strip()
    if change.sender_address is not None:
        row.sender_address = normalise(change.sender_address)
    if change.reply_to is not None:
        row.reply_to = normalise(change.reply_to) if change.reply_to else None
    domain = row.dkim_domain if change.dkim_domain is None else change.dkim_domain
    selector = row.dkim_selector if change.dkim_selector is None else change.dkim_selector
    check_signing(domain, selector, row.sender_address)
    row.dkim_domain = domain_name(domain) if domain else None
    row.dkim_selector = ",".join(selector_names(selector)) if selector else None


def _check_quiet(quiet: tuple[int, ...]) -> None:
    if any(not 0 <= hour <= 23 for hour in quiet):  # noqa: PLR2004 - the hours of a day
        raise InvalidInputError("Quiet hours are two of 0 to 23, on the clock of its zone.")
    if quiet and quiet[0] == quiet[1]:
        raise InvalidInputError("Quiet hours must leave an hour in which mail may go.")
