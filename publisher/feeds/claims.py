"""The right to build a feed: one builder at a time, by a lease on its row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.feeds.models import FeedRow
from publisher.store import Runtime

LEASE = timedelta(seconds=30)
PATIENCE = timedelta(seconds=15)  # after a build that failed
_LONGEST_LEASE = 2 * LEASE  # clocks of two hosts may differ a little
_SECOND = timedelta(seconds=1)
_LONGEST_WAIT = 2 * _SECOND  # as above
_WAITS = 3  # one may end a moment early, or somebody else be faster


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to build `feed` up to the number `wanted`; `until` tells it from any other."""

    feed: FeedRow
    wanted: int
    until: datetime


def claim_feed(runtime: Runtime, slug: str) -> Claim | None:
    """Claim the feed; None where it is up to date or somebody else is at it.

    Each change has a second of its own, or its Last-Modified would be that of the one before, or
    in the future (RFC 9110 §8.8.2.1): the next one waits until it is over.
    """
    for _ in range(_WAITS):
        claim = _claimed(runtime, slug)
        wait = None if claim else _rest_of_its_second(runtime, slug)
        if wait is None:
            return claim
        runtime.pause(wait.total_seconds())
    return _claimed(runtime, slug)


def _claimed(runtime: Runtime, slug: str) -> Claim | None:
    now = runtime.clock()
    until = now + LEASE
    statement = (
        sa.update(FeedRow)
        .where(col(FeedRow.slug) == slug, _is_free(now), ~_changed_just_now(now))
        .values(claimed_until=until)
        .returning(col(FeedRow.wanted_event))
    )
    with runtime.sessions.begin() as session:
        wanted = session.execute(statement).scalar()
        feed = None if wanted is None else session.get(FeedRow, slug)
    return Claim(feed, wanted, until) if feed is not None and wanted is not None else None


def _rest_of_its_second(runtime: Runtime, slug: str) -> timedelta | None:
    """How long until the feed may be claimed; None where it is not the last change that hinders."""
    now = runtime.clock()
    statement = sa.select(col(FeedRow.changed_at)).where(
        col(FeedRow.slug) == slug, _is_free(now), _changed_just_now(now)
    )
    with runtime.sessions.read() as session:
        changed_at = session.execute(statement).scalar()
    return None if changed_at is None else changed_at + _SECOND - now


def finish(session: Session, claim: Claim, **values: Any) -> FeedRow | None:
    """Write the outcome; None where the lease has gone to somebody else."""
    statement = (
        sa.update(FeedRow)
        .where(col(FeedRow.slug) == claim.feed.slug, col(FeedRow.claimed_until) == claim.until)
        .values(**values)
        .returning(FeedRow)
    )
    return session.execute(statement).scalar()


def give_up(runtime: Runtime, claim: Claim, problem: str) -> bool:
    """Say why the feed was not built; nobody tries again for a while.

    False where the lease had gone to somebody else.
    """
    with runtime.sessions.begin() as session:
        until = runtime.clock() + PATIENCE
        return finish(session, claim, claimed_until=until, problem=problem) is not None


def free_feeds(runtime: Runtime) -> list[str]:
    """Slugs of the feeds that are behind and that nobody is at."""
    with runtime.sessions.read() as session:
        statement = select(FeedRow.slug).where(_is_free(runtime.clock())).order_by(FeedRow.slug)
        return list(session.exec(statement))


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    """A lease that ends later than one may was taken before a clock was set back."""
    claimed = col(FeedRow.claimed_until)
    is_behind = col(FeedRow.built_event) < col(FeedRow.wanted_event)
    return sa.and_(
        is_behind, sa.or_(claimed.is_(None), claimed <= now, claimed > now + _LONGEST_LEASE)
    )


def _changed_just_now(now: datetime) -> sa.ColumnElement[bool]:
    """Nobody waits for a date that is far ahead: it was given before a clock was set back."""
    changed_at = col(FeedRow.changed_at)
    return sa.and_(
        changed_at.is_not(None),
        changed_at > now - _SECOND,
        changed_at <= now - _SECOND + _LONGEST_WAIT,
    )
