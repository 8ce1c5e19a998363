"""The partners there are: added, changed, looked up. What each gets is a choice among the feeds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.errors import InvalidInputError, NotFoundError, RefusedError
from publisher.feeds.directory import ensure_feeds, find_feed
from publisher.feeds.partners.models import PartnerRow, PartnerScopeRow
from publisher.newsroom.characters import one_line
from publisher.store.columns import new_uuid

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_LIMIT = 64
_TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A partner as an editor describes it.

    `scopes` are slugs of feeds; the partner gets the stories of all of them, each once. Without
    `whole_texts` it gets summaries.
    """

    slug: str
    name: str
    contact: str
    scopes: tuple[str, ...]
    whole_texts: bool = False


@dataclass(frozen=True, slots=True)
class PartnerChange:
    """What is to be otherwise; None leaves it as it is."""

    name: str | None = None
    contact: str | None = None
    scopes: tuple[str, ...] | None = None
    whole_texts: bool | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A partner and what it gets: the stories of the feeds in `scopes`."""

    partner_id: int
    slug: str
    uuid: str
    name: str
    whole_texts: bool
    scopes: tuple[str, ...]


def add_partner(session: Session, new: NewPartner, *, by: Actor, now: datetime) -> PartnerRow:
    """Enter a partner; it gets nothing before it has a token.

    Raises InvalidInputError that names the field and says what would do, RefusedError where the
    slug is taken.
    """
    if not _SLUG.fullmatch(new.slug) or len(new.slug) > _SLUG_LIMIT:
        raise InvalidInputError(
            f"“{new.slug[:80]}” cannot name a partner; use small letters, digits and hyphens, "
            "like “evening-post”."
        )
    if session.exec(select(PartnerRow.id).where(PartnerRow.slug == new.slug)).first():
        raise RefusedError(f"There is a partner “{new.slug}” already; choose another slug.")
    row = PartnerRow(
        uuid=new_uuid(now),
        slug=new.slug,
        name=_text("name", new.name),
        contact=_text("contact", new.contact),
        whole_texts=new.whole_texts,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _choose(session, row, new.scopes, now)
    record(
        session, by, "partner.add", "partner", row.slug, at=now,
        scopes=list(new.scopes), whole_texts=new.whole_texts,
    )  # fmt: skip
    return row


def change_partner(
    session: Session, slug: str, change: PartnerChange, *, by: Actor, now: datetime
) -> PartnerRow:
    """Change what is known of a partner or what it gets, from its next request on.

    Raises NotFoundError, and InvalidInputError that names the field.
    """
    row = find_partner(session, slug)
    if change.name is not None:
        row.name = _text("name", change.name)
    if change.contact is not None:
        row.contact = _text("contact", change.contact)
    if change.whole_texts is not None:
        row.whole_texts = change.whole_texts
    if change.scopes is not None:
        _choose(session, row, change.scopes, now)
    session.add(row)
    scopes = list(scopes_given(session, row))
    record(
        session, by, "partner.set", "partner", row.slug, at=now,
        scopes=scopes, whole_texts=row.whole_texts,
    )  # fmt: skip
    return row


def find_partner(session: Session, slug: str) -> PartnerRow:
    """The partner of that slug; raises NotFoundError."""
    row = session.exec(select(PartnerRow).where(PartnerRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFoundError("partner", slug)
    return row


def list_partners(session: Session) -> Sequence[PartnerRow]:
    """All partners, the oldest first."""
    return session.exec(select(PartnerRow).order_by(col(PartnerRow.id))).all()


def scopes_given(session: Session, partner: PartnerRow) -> tuple[str, ...]:
    """The slugs of the feeds whose stories the partner gets, by the alphabet."""
    statement = (
        select(PartnerScopeRow.slug)
        .where(PartnerScopeRow.partner_id == partner.id)
        .order_by(PartnerScopeRow.slug)
    )
    return tuple(session.exec(statement))


def contract_of(session: Session, partner: PartnerRow) -> Contract:
    """What the partner gets as of now."""
    return Contract(
        partner_id=partner.id or 0,
        slug=partner.slug,
        uuid=partner.uuid,
        name=partner.name,
        whole_texts=partner.whole_texts,
        scopes=scopes_given(session, partner),
    )


def _choose(session: Session, partner: PartnerRow, scopes: Sequence[str], now: datetime) -> None:
    """Have the partner get the stories of these feeds and of no others."""
    ensure_feeds(session, now)
    if not scopes:
        raise InvalidInputError("A partner gets the stories of one feed or more; name them.")
    for slug in scopes:
        _check_feed(session, slug)
    session.execute(sa.delete(PartnerScopeRow).where(col(PartnerScopeRow.partner_id) == partner.id))
    for slug in dict.fromkeys(scopes):
        session.add(PartnerScopeRow(partner_id=partner.id or 0, slug=slug))
    session.flush()


def _check_feed(session: Session, slug: str) -> None:
    try:
        find_feed(session, slug)
    except NotFoundError:
        raise InvalidInputError(
            f"There is no feed “{slug[:80]}” to give to a partner. See which there are with: "
            "publisher feeds list"
        ) from None


def _text(field: str, text: str) -> str:
    clean = one_line(text)
    if not clean or len(clean) > _TEXT_LIMIT:
        raise InvalidInputError(
            f"The {field} of a partner has 1 to {_TEXT_LIMIT} characters; “{clean[:80]}” does not."
        )
    return clean
