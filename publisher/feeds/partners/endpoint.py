"""Where a partner wants its stories brought: set, ended, and how it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.accounts.actor import Actor, record
from publisher.errors import InvalidInputError, NotFoundError
from publisher.feeds.partners.models import GivenState, PartnerGivenRow, PartnerPushRow, PartnerRow
from publisher.feeds.partners.notice import PUSH
from publisher.feeds.partners.register import find_partner
from publisher.feeds.partners.signature import new_secret
from publisher.fetch.addresses import Network, check_host
from publisher.fetch.urls import Target, target_of
from publisher.queue import wake

_URL_LIMIT = 500


@dataclass(frozen=True, slots=True)
class PushStanding:
    """How the push to a partner goes; `waiting` and `given_up` count stories.

    `taken_at` is when its server last took one. `problem` is why the last try failed, in words;
    None where nothing is wrong. Nothing more is pushed once it has `ended_at`.
    """

    url: str
    taken_at: datetime | None
    waiting: int
    given_up: int
    next_at: datetime
    problem: str | None
    ended_at: datetime | None


def set_push(
    session: Session, slug: str, url: str, *, ours: Sequence[Network], by: Actor, now: datetime
) -> str | None:
    """Have the partner brought what happens to its stories from now on; its secret if it is new.

    With another address the secret stays, and what was given up is tried again. Raises
    NotFoundError, InvalidInputError and RefusedError that say what would do; `ours` are networks
    of our own, where http will do.
    """
    partner = find_partner(session, slug)
    _check(url, ours)
    row = session.get(PartnerPushRow, partner.id)
    secret = None
    if row is None:
        secret = new_secret()
        row = PartnerPushRow(
            partner_id=partner.id or 0, url=url, secret=secret, created_at=now, next_at=now
        )
    row.url, row.next_at, row.failures, row.ended_at = url, now, 0, None
    row.code = row.problem = None
    session.add(row)
    session.flush()
    _try_again(session, partner, now)
    record(session, by, "partner.push", "partner", slug, at=now, url=url)
    return secret


def change_secret(session: Session, slug: str, *, by: Actor, now: datetime) -> str:
    """Another secret for what is pushed from now on; raises NotFoundError where nothing is."""
    row = _row(session, find_partner(session, slug))
    row.secret = new_secret()
    session.add(row)
    record(session, by, "partner.secret", "partner", slug, at=now)
    return row.secret


def end_push(session: Session, slug: str, *, by: Actor, now: datetime) -> None:
    """Push nothing to the partner any more and forget what it was given.

    Raises NotFoundError where nothing is pushed to it.
    """
    partner = find_partner(session, slug)
    session.delete(_row(session, partner))
    session.execute(sa.delete(PartnerGivenRow).where(col(PartnerGivenRow.partner_id) == partner.id))
    record(session, by, "partner.push_end", "partner", slug, at=now)


def push_standing(session: Session, partner: PartnerRow) -> PushStanding | None:
    """How it goes; None where nothing is pushed to this partner."""
    row = session.get(PartnerPushRow, partner.id)
    if row is None:
        return None
    waiting, given_up = session.execute(
        sa.select(
            sa.func.count().filter(col(PartnerGivenRow.state) == GivenState.WAITING),
            sa.func.count().filter(col(PartnerGivenRow.state) == GivenState.GIVEN_UP),
        ).where(col(PartnerGivenRow.partner_id) == partner.id)
    ).one()
    problem = row.problem or _of_a_story(session, partner)
    return PushStanding(
        row.url, row.taken_at, waiting, given_up, row.next_at, problem, row.ended_at
    )


def _row(session: Session, partner: PartnerRow) -> PartnerPushRow:
    row = session.get(PartnerPushRow, partner.id)
    if row is None:
        raise NotFoundError("push to partner", partner.slug)
    return row


def _of_a_story(session: Session, partner: PartnerRow) -> str | None:
    """What the server has against the story that it refused last."""
    statement = (
        sa.select(col(PartnerGivenRow.problem))
        .where(
            col(PartnerGivenRow.partner_id) == partner.id,
            col(PartnerGivenRow.state) != GivenState.TAKEN,
            col(PartnerGivenRow.problem).is_not(None),
        )
        .order_by(col(PartnerGivenRow.wanted_at).desc())
        .limit(1)
    )
    problem: str | None = session.execute(statement).scalar()
    return problem


def _check(url: str, ours: Sequence[Network]) -> None:
    if len(url) > _URL_LIMIT:
        raise InvalidInputError(f"An address to push to may have {_URL_LIMIT} characters at most.")
    target = target_of(url)
    check_host(target.host, target.port, ours)
    if target.scheme != "https" and not _is_ours(target, ours):
        raise InvalidInputError(
            f"“{url}” must begin with https:// because whole texts are brought there."
        )


def _is_ours(target: Target, ours: Sequence[Network]) -> bool:
    try:
        address = ip_address(target.host)
    except ValueError:
        return False
    return any(address in network for network in ours)


def _try_again(session: Session, partner: PartnerRow, now: datetime) -> None:
    """What waits or was given up goes at once."""
    session.execute(
        sa.update(PartnerGivenRow)
        .where(
            col(PartnerGivenRow.partner_id) == partner.id,
            col(PartnerGivenRow.state) != GivenState.TAKEN,
        )
        .values(state=GivenState.WAITING, next_at=now, wanted_at=now, failures=0)
    )
    wake(session, PUSH, partner=partner.slug)
