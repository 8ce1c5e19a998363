"""Newsletters: what readers may subscribe to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.audience.addresses import normalise
from publisher.audience.models import Cadence, NewsletterRow
from publisher.errors import InvalidInputError, NotFoundError, RefusedError
from publisher.mail.dkim_names import domain_name, selector_names, vouches
from publisher.store.columns import new_uuid

OFFERED = (Cadence.DAILY, Cadence.WEEKLY)
NAME_LIMIT = 200
MOST_STORIES = 62  # what one edition can tell apart for each reader
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_LIMIT = 64
_SECTION = re.compile(r"\w[\w-]{0,63}")


@dataclass(frozen=True, slots=True)
class NewNewsletter:
    """A newsletter as an editor describes it.

    No `sections` means every section. `hour` is that of its slots on the clock of `zone`,
    `weekday` that of weekly slots (0 Sunday to 6 Saturday). `dkim_domain` and `dkim_selector` name
    the key that signs its mails, or two keys; without them those of the settings do, if there are.
    """

    slug: str
    name: str
    sender_name: str
    sender_address: str
    zone: str
    hour: int
    description: str = ""
    reply_to: str | None = None
    dkim_domain: str | None = None
    dkim_selector: str | None = None
    sections: tuple[str, ...] = ()
    cadences: tuple[str, ...] = (Cadence.DAILY,)
    language: str = "en"
    weekday: int = 1
    max_stories: int = 24


def create_newsletter(
    session: Session, new: NewNewsletter, *, by: Actor, now: datetime
) -> NewsletterRow:
    """Set up a newsletter; readers may subscribe at once.

    Raises InvalidInputError that names the field and says what would do, RefusedError where the
    slug is taken.
    """
    _check(new)
    if session.exec(select(NewsletterRow.id).where(NewsletterRow.slug == new.slug)).first():
        raise RefusedError(f"There is a newsletter “{new.slug}” already; choose another slug.")
    row = NewsletterRow(
        uuid=new_uuid(now),
        slug=new.slug,
        name=new.name.strip(),
        description=new.description.strip(),
        sender_name=new.sender_name.strip(),
        sender_address=normalise(new.sender_address),
        reply_to=normalise(new.reply_to) if new.reply_to else None,
        dkim_domain=domain_name(new.dkim_domain) if new.dkim_domain else None,
        dkim_selector=",".join(selector_names(new.dkim_selector)) if new.dkim_selector else None,
        sections=list(dict.fromkeys(new.sections)),
        cadences=list(dict.fromkeys(new.cadences)),
        language=new.language,
        zone=new.zone,
        hour=new.hour,
        weekday=new.weekday,
        max_stories=new.max_stories,
        created_at=now,
    )
    session.add(row)
    session.flush()
    record(session, by, "newsletter.create", "newsletter", row.uuid, at=now, slug=row.slug)
    return row


def find_newsletter(session: Session, slug: str) -> NewsletterRow:
    """The newsletter of that slug; raises NotFoundError."""
    row = session.exec(select(NewsletterRow).where(NewsletterRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFoundError("newsletter", slug)
    return row


def list_newsletters(session: Session, *, active_only: bool = False) -> Sequence[NewsletterRow]:
    """All newsletters, the oldest first."""
    statement = select(NewsletterRow).order_by(col(NewsletterRow.id))
    if active_only:
        statement = statement.where(col(NewsletterRow.active))
    return session.exec(statement).all()


def check_section(slug: str) -> None:
    """Raise InvalidInputError unless this can be the slug of a section, in any script."""
    if not _SECTION.fullmatch(slug) or slug != slug.lower():
        raise InvalidInputError(
            f"“{slug[:80]}” is not a section; write its slug: small letters, digits and hyphens, "
            "like “world-news”."
        )


def check_line(field: str, text: str) -> None:
    """Raise InvalidInputError unless this is a line that readers may see."""
    if not text.strip() or len(text) > NAME_LIMIT or not text.isprintable():
        raise InvalidInputError(f"The {field} must be one line of 1 to {NAME_LIMIT} letters.")


def check_signing(dkim_domain: str | None, dkim_selector: str | None, sender: str) -> None:
    """Raise InvalidInputError unless a key is named whole, and counts for mail from `sender`."""
    if bool(dkim_domain) != bool(dkim_selector):
        raise InvalidInputError(
            "A DKIM key is named by its domain and its selector together; give both, or neither."
        )
    if not dkim_domain:
        return
    domain, address = domain_name(dkim_domain), normalise(sender)
    if not vouches(domain, address):
        raise InvalidInputError(
            f"A signature of {domain} does not count for mail from {address}; the sender's domain "
            "must be that one or lie below it."
        )


def _check(new: NewNewsletter) -> None:
    if not _SLUG.fullmatch(new.slug) or len(new.slug) > _SLUG_LIMIT:
        raise InvalidInputError(
            f"The slug “{new.slug[:80]}” must be 1 to {_SLUG_LIMIT} of a-z, 0-9 and single "
            "hyphens, like “morning-briefing”."
        )
    for section in new.sections:
        check_section(section)
    check_line("name", new.name)
    check_line("sender name", new.sender_name)
    _check_times(new)
    check_signing(new.dkim_domain, new.dkim_selector, new.sender_address)
    if not 1 <= new.max_stories <= MOST_STORIES:
        raise InvalidInputError(f"The most stories of an edition must be 1 to {MOST_STORIES}.")


def _check_times(new: NewNewsletter) -> None:
    if not new.cadences or not set(new.cadences) <= set(OFFERED):
        raise InvalidInputError(f"The cadences must be one or more of: {', '.join(OFFERED)}.")
    if new.zone not in available_timezones():
        raise InvalidInputError(
            f"“{new.zone[:80]}” is not a time zone; write one like Europe/Lisbon or UTC."
        )
    if not 0 <= new.hour <= 23:  # noqa: PLR2004 - the hours of a day
        raise InvalidInputError("The hour must be 0 to 23, on the clock of the newsletter's zone.")
    if not 0 <= new.weekday <= 6:  # noqa: PLR2004 - the days of a week
        raise InvalidInputError("The weekday must be 0 (Sunday) to 6 (Saturday).")
