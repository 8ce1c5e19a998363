"""Brings stories to partners, one after the other, each signed and as it is at that moment.

What is brought is the very item that the partner may pull. It is made after the story is claimed,
so that a kill is never behind a text that it should have reached: the kill comes as a revision of
its own, with a higher version.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import CLOCK, record
from publisher.errors import PublisherError, UnavailableError
from publisher.feeds.ninjs import MEDIA_TYPE
from publisher.feeds.partners.compose import Made, item_for
from publisher.feeds.partners.models import (
    GivenState,
    PartnerGivenRow,
    PartnerPushRow,
    PartnerRow,
)
from publisher.feeds.partners.notice import is_due
from publisher.feeds.partners.register import Contract, contract_of
from publisher.feeds.partners.signature import signed_headers
from publisher.fetch import Client, Limits
from publisher.fetch.pauses import pause_after
from publisher.newsroom.models import ArticleRow
from publisher.store import Runtime

log = logging.getLogger(__name__)

LIMITS = Limits(seconds=10.0, answer_bytes=4096)
CLAIM = timedelta(seconds=15)  # longer than one may take
PATIENCE = timedelta(days=3)  # since it happened
_GONE = 410
# What a server says of one story and not of all of them.
_REFUSES_THE_STORY = frozenset({400, 406, 409, 413, 415, 422})
_PROBLEM_LENGTH = 300


def push_to(runtime: Runtime, slug: str) -> int:
    """Bring a partner all that is due, the oldest first; returns how many stories it took.

    Never raises for what its server does: the rows say it, and when it is tried again. Any 2xx is
    success, 410 ends the push. A server that gives no good answer is left alone for a while; a
    story that it refuses holds up no other.
    """
    taken = 0
    with Client(private=runtime.settings.open_networks, limits=LIMITS) as client:
        while (errand := _claimed(runtime, slug)) is not None:
            outcome = _brought(client, runtime, errand)
            with runtime.sessions.begin() as session:
                _write(session, errand, outcome, runtime.clock())
            taken += outcome.problem is None
    return taken


@dataclass(frozen=True, slots=True)
class _Errand:
    """A story that is claimed, and where it goes."""

    given: PartnerGivenRow
    push: PartnerPushRow
    contract: Contract
    uuid: str
    made: Made | None = None  # None: it cannot be written


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`code` is None where there was no answer; `wait` is how long the server wants its peace."""

    code: int | None
    problem: str | None
    wait: timedelta | None = None
    blames_story: bool = False


def _claimed(runtime: Runtime, slug: str) -> _Errand | None:
    """The next story of the partner; what it must not know, and does not, is forgotten."""
    while True:
        now = runtime.clock()
        with runtime.sessions.begin() as session:
            errand = _next(session, slug, now)
            if errand is None:
                return None
            given, has_it = errand.given, errand.given.taken_at is not None
            try:
                made = item_for(
                    session, errand.contract, errand.uuid, runtime.settings, now, anywhere=has_it
                )
            except UnavailableError:
                given.claimed_until = now + CLAIM
                return errand
            if made is not None:
                given.claimed_until = now + CLAIM
                return replace(errand, made=made)
            if has_it:  # on hold: nothing is said of it until it is back
                given.state = GivenState.TAKEN
            else:
                session.delete(given)


def _next(session: Session, slug: str, now: datetime) -> _Errand | None:
    due = (
        select(PartnerGivenRow, PartnerPushRow, PartnerRow, ArticleRow.uuid)
        .join(PartnerPushRow, col(PartnerPushRow.partner_id) == col(PartnerGivenRow.partner_id))
        .join(PartnerRow, col(PartnerRow.id) == col(PartnerGivenRow.partner_id))
        .join(ArticleRow, col(ArticleRow.id) == col(PartnerGivenRow.article_id))
        .where(PartnerRow.slug == slug, *is_due(now))
        .order_by(col(PartnerGivenRow.next_at), col(PartnerGivenRow.revision))
        .limit(1)
        .with_for_update(skip_locked=True, of=PartnerGivenRow)
    )
    found = session.exec(due).first()
    if found is None:
        return None
    given, push, partner, uuid = found
    return _Errand(given, push, contract_of(session, partner), uuid)


def _brought(client: Client, runtime: Runtime, errand: _Errand) -> _Outcome:
    if errand.made is None:
        return _Outcome(None, "The story cannot be written at the moment.", blames_story=True)
    body, now = errand.made.text, runtime.clock()
    message_id = f"{errand.uuid}.{errand.made.version}"
    headers = {
        "Content-Type": MEDIA_TYPE,
        **signed_headers(errand.push.secret, message_id, body, now),
    }
    try:
        answer = client.request("POST", errand.push.url, body=body, headers=headers)
    except PublisherError as error:
        log.warning("story %s was not brought to %s: %s", errand.uuid, errand.contract.slug, error)
        return _Outcome(None, str(error)[:_PROBLEM_LENGTH])
    if answer.is_ok:
        return _Outcome(answer.status, None)
    return _Outcome(
        answer.status,
        f"Its server {answer.words()}",
        answer.retry_after(now),
        blames_story=answer.status in _REFUSES_THE_STORY,
    )


def _write(session: Session, errand: _Errand, outcome: _Outcome, now: datetime) -> None:
    if outcome.problem is None:
        _write_taken(session, errand, outcome, now)
    elif outcome.blames_story:
        _write_refused(session, errand, outcome, now)
    else:
        _write_failed(session, errand, outcome, now)


def _write_taken(session: Session, errand: _Errand, outcome: _Outcome, now: datetime) -> None:
    """It has what was brought; what is newer goes next."""
    version = errand.made.version if errand.made else 0
    is_newest = col(PartnerGivenRow.revision) <= version
    session.execute(
        sa.update(PartnerGivenRow)
        .where(_is_mine(errand))
        .values(
            state=sa.case((is_newest, GivenState.TAKEN.value), else_=GivenState.WAITING.value),
            revision=sa.case((is_newest, version), else_=col(PartnerGivenRow.revision)),
            next_at=now,
            claimed_until=None,
            failures=0,
            taken_at=sa.func.coalesce(col(PartnerGivenRow.taken_at), now),
            code=outcome.code,
            problem=None,
        )
    )
    values = {"taken_at": now, "next_at": now, "failures": 0, "code": outcome.code, "problem": None}
    session.execute(sa.update(PartnerPushRow).where(_is_its(errand)).values(**values))


def _write_refused(session: Session, errand: _Errand, outcome: _Outcome, now: datetime) -> None:
    """The server has something against this story; others go on."""
    is_over = col(PartnerGivenRow.wanted_at) <= now - PATIENCE
    session.execute(
        sa.update(PartnerGivenRow)
        .where(_is_mine(errand))
        .values(
            state=sa.case((is_over, GivenState.GIVEN_UP.value), else_=GivenState.WAITING.value),
            next_at=now + pause_after(errand.given.failures + 1, outcome.wait),
            claimed_until=None,
            failures=col(PartnerGivenRow.failures) + 1,
            code=outcome.code,
            problem=outcome.problem,
        )
    )
    if outcome.code is not None:  # it was asked, and it answers
        well = {"failures": 0, "code": outcome.code, "problem": None}
        session.execute(sa.update(PartnerPushRow).where(_is_its(errand)).values(**well))


def _write_failed(session: Session, errand: _Errand, outcome: _Outcome, now: datetime) -> None:
    """All that waits for the server pauses; what has waited for too long is given up."""
    given = sa.update(PartnerGivenRow).where(
        col(PartnerGivenRow.partner_id) == errand.push.partner_id
    )
    session.execute(given.where(_is_mine(errand)).values(claimed_until=None))
    session.execute(
        given.where(
            col(PartnerGivenRow.state) == GivenState.WAITING,
            col(PartnerGivenRow.wanted_at) <= now - PATIENCE,
        ).values(state=GivenState.GIVEN_UP)
    )
    is_over = outcome.code == _GONE
    session.execute(
        sa.update(PartnerPushRow)
        .where(_is_its(errand))
        .values(
            next_at=now + pause_after(errand.push.failures + 1, outcome.wait),
            failures=col(PartnerPushRow.failures) + 1,
            code=outcome.code,
            problem=outcome.problem,
            ended_at=now if is_over else None,
        )
    )
    if is_over:
        slug, url = errand.contract.slug, errand.push.url
        record(session, CLOCK, "partner.push_gone", "partner", slug, at=now, url=url)


def _is_mine(errand: _Errand) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(PartnerGivenRow.partner_id) == errand.given.partner_id,
        col(PartnerGivenRow.article_id) == errand.given.article_id,
        col(PartnerGivenRow.claimed_until) == errand.given.claimed_until,
    )


def _is_its(errand: _Errand) -> sa.ColumnElement[bool]:
    """The push, unless an editor changed its address meanwhile."""
    return sa.and_(
        col(PartnerPushRow.partner_id) == errand.push.partner_id,
        col(PartnerPushRow.url) == errand.push.url,
    )
