"""Tokens of partners: `pt_KEY_SECRET`, of which only KEY and a hash of SECRET are kept.

The secret half has 256 random bits, so a plain hash of it is as good as a slow one.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.errors import InvalidInputError, NotFoundError
from publisher.feeds.partners.models import PartnerRow, PartnerScopeRow, PartnerTokenRow
from publisher.feeds.partners.register import Contract, find_partner
from publisher.newsroom.characters import one_line

NOTED_EVERY = timedelta(hours=1)
_TOKEN = re.compile(r"pt_(?P<key>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
_NOBODY = hashlib.sha256(b"nobody's").hexdigest()
_NOTE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is and what it opens; `used_at` is when it was last noted as used."""

    key: str
    used_at: datetime | None
    contract: Contract


def issue_token(session: Session, slug: str, note: str, *, by: Actor, now: datetime) -> str:
    """A new token of the partner beside those it has; it cannot be shown again.

    Raises NotFoundError, and InvalidInputError where the note is too long.
    """
    partner = find_partner(session, slug)
    note = one_line(note)
    if len(note) > _NOTE_LIMIT:
        raise InvalidInputError(f"The note of a token has at most {_NOTE_LIMIT} characters.")
    key, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    session.add(
        PartnerTokenRow(
            key=key,
            partner_id=partner.id or 0,
            secret_hash=_hash(secret),
            note=note,
            created_at=now,
        )
    )
    record(session, by, "partner.token", "partner", slug, at=now, token=key, note=note)
    return f"pt_{key}_{secret}"


def revoke_tokens(
    session: Session, slug: str, key: str | None = None, *, by: Actor, now: datetime
) -> list[str]:
    """Have the partner's token, or all of them, open nothing from the next request on.

    Gives the keys of those that were good until now. Raises NotFoundError where the partner has no
    token of that key.
    """
    partner = find_partner(session, slug)
    tokens = [one for one in list_tokens(session, partner) if key in {None, one.key}]
    if key is not None and not tokens:
        raise NotFoundError("token of that partner", key)
    revoked = [one for one in tokens if one.revoked_at is None]
    for one in revoked:
        one.revoked_at = now
        session.add(one)
    keys = [one.key for one in revoked]
    if keys:
        record(session, by, "partner.revoke", "partner", slug, at=now, tokens=keys)
    return keys


def list_tokens(session: Session, partner: PartnerRow) -> Sequence[PartnerTokenRow]:
    """The tokens the partner has and had, the oldest first."""
    return session.exec(
        select(PartnerTokenRow)
        .where(PartnerTokenRow.partner_id == partner.id)
        .order_by(col(PartnerTokenRow.created_at), PartnerTokenRow.key)
    ).all()


def holder_of(session: Session, token: str | None) -> Holder | None:
    """Who holds the token; None where it was never ours, is altered or was revoked.

    Whether the key exists makes no difference to what is compared, nor how much of the secret is
    right to how long it takes.
    """
    found = _TOKEN.fullmatch(token or "")
    row = _row_of(session, found["key"]) if found else None
    expected = row.secret_hash if row else _NOBODY
    is_right = hmac.compare_digest(expected, _hash(found["secret"] if found else ""))
    if row is None or not is_right:
        return None
    scopes = session.execute(
        sa.select(col(PartnerScopeRow.slug))
        .where(col(PartnerScopeRow.partner_id) == row.partner_id)
        .order_by(col(PartnerScopeRow.slug))
    ).scalars()
    return Holder(
        key=row.key,
        used_at=row.used_at,
        contract=Contract(
            partner_id=row.partner_id,
            slug=row.slug,
            uuid=row.uuid,
            name=row.name,
            whole_texts=row.whole_texts,
            scopes=tuple(scopes),
        ),
    )


def is_to_be_noted(holder: Holder, now: datetime) -> bool:
    """Whether it is an hour or more since the token's use was noted."""
    return holder.used_at is None or holder.used_at <= now - NOTED_EVERY


def note_use(session: Session, key: str, now: datetime) -> None:
    """Note that the token is in use; at most once an hour, however many ask at once."""
    used_at = col(PartnerTokenRow.used_at)
    session.execute(
        sa.update(PartnerTokenRow)
        .where(
            col(PartnerTokenRow.key) == key,
            sa.or_(used_at.is_(None), used_at <= now - NOTED_EVERY),
        )
        .values(used_at=now)
    )


def _row_of(session: Session, key: str) -> sa.Row[tuple[object, ...]] | None:
    """The good token of that key with its partner, in columns: no object is made of it."""
    return session.execute(
        sa.select(
            col(PartnerTokenRow.key),
            col(PartnerTokenRow.secret_hash),
            col(PartnerTokenRow.used_at),
            col(PartnerTokenRow.partner_id),
            col(PartnerRow.slug),
            col(PartnerRow.uuid),
            col(PartnerRow.name),
            col(PartnerRow.whole_texts),
        )
        .join(PartnerRow, col(PartnerRow.id) == col(PartnerTokenRow.partner_id))
        .where(col(PartnerTokenRow.key) == key, col(PartnerTokenRow.revoked_at).is_(None))
    ).one_or_none()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
