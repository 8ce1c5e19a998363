"""Tells hubs that documents have changed: one ping after the other, each a row with its outcome.

How a publisher tells its hub is not in WebSub; by custom it posts `hub.mode=publish` with the
address as `hub.url` and as `hub.topic`, one document a ping: some hubs read only the last of many.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.errors import PublisherError
from publisher.feeds.websub.announce import is_due
from publisher.feeds.websub.models import HubPingRow, PingState
from publisher.fetch import Client, Limits
from publisher.fetch.pauses import pause_after
from publisher.pages.links import Links
from publisher.store import Runtime
from publisher.store.locks import lock_name

log = logging.getLogger(__name__)

LIMITS = Limits(seconds=10.0, answer_bytes=4096)
CLAIM = timedelta(seconds=15)  # longer than a ping may take
PATIENCE = timedelta(hours=24)  # since the document changed
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PROBLEM_LENGTH = 300


def ping_hub(runtime: Runtime, hub: str) -> int:
    """Tell one hub all that is due, the oldest first; returns how many pings it took.

    Never raises for what the hub does: the row says it, and when it is tried again. A hub that
    cannot be reached is asked once, and all its pings wait.
    """
    if hub not in runtime.settings.other_hubs:
        return 0
    told = 0
    with Client(private=runtime.settings.open_networks, limits=LIMITS) as client:
        while (ping := _claimed(runtime, hub)) is not None:
            outcome = _asked(client, runtime, ping)
            with runtime.sessions.begin() as session:
                _write(session, ping, outcome, runtime.clock())
            told += outcome.is_told
    return told


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`code` is None where the hub gave no answer; `wait` is how long it wants its peace."""

    code: int | None
    problem: str | None
    wait: timedelta | None = None

    @property
    def is_told(self) -> bool:
        return self.problem is None


def _claimed(runtime: Runtime, hub: str) -> HubPingRow | None:
    """The next ping of the hub, for as long as the claim lasts; `next_at` tells it from others."""
    now = runtime.clock()
    due = (
        select(HubPingRow)
        .where(*is_due(hub, now))
        .order_by(col(HubPingRow.next_at), col(HubPingRow.slug), col(HubPingRow.fmt))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with runtime.sessions.begin() as session:
        ping = session.exec(due).first()
        if ping is not None:
            ping.next_at = now + CLAIM
    return ping


def _asked(client: Client, runtime: Runtime, ping: HubPingRow) -> _Outcome:
    topic = Links(runtime.settings.base_url).feed(ping.slug, ping.fmt)
    fields = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
    try:
        answer = client.request("POST", ping.hub, body=urlencode(fields).encode(), headers=_FORM)
    except PublisherError as error:
        log.warning("hub %s was not told of %s: %s", ping.hub, topic, error)
        return _Outcome(None, str(error)[:_PROBLEM_LENGTH])
    if answer.is_ok:
        return _Outcome(answer.status, None)
    return _Outcome(answer.status, f"The hub {answer.words()}", answer.retry_after(runtime.clock()))


def _write(session: Session, ping: HubPingRow, outcome: _Outcome, now: datetime) -> None:
    lock_name(session, ping.hub)
    if outcome.is_told:
        _write_told(session, ping, outcome, now)
    else:
        _write_failed(session, ping, outcome, now)


def _write_told(session: Session, ping: HubPingRow, outcome: _Outcome, now: datetime) -> None:
    """It knows this state; a newer one goes next. And so does what waited for it to be back."""
    is_newest = col(HubPingRow.changed_at) == ping.changed_at
    session.execute(
        sa.update(HubPingRow)
        .where(_is_mine(ping))
        .values(
            state=sa.case((is_newest, PingState.TOLD.value), else_=PingState.WAITING.value),
            next_at=now,
            failures=0,
            told_at=now,
            code=outcome.code,
            problem=None,
        )
    )
    session.execute(
        sa.update(HubPingRow)
        .where(
            col(HubPingRow.hub) == ping.hub,
            col(HubPingRow.state) == PingState.WAITING,
            col(HubPingRow.failures) > 0,
            col(HubPingRow.code).is_(None),
        )
        .values(next_at=now, failures=0)
    )


def _write_failed(session: Session, ping: HubPingRow, outcome: _Outcome, now: datetime) -> None:
    """It is tried again after a pause; without any answer all that the hub waits for pauses."""
    which = _is_mine(ping)
    if outcome.code is None:
        which = sa.or_(which, sa.and_(*is_due(ping.hub, now)))
    is_over = col(HubPingRow.wanted_at) <= now - PATIENCE
    session.execute(
        sa.update(HubPingRow)
        .where(which)
        .values(
            state=sa.case((is_over, PingState.GIVEN_UP.value), else_=PingState.WAITING.value),
            next_at=now + pause_after(ping.failures + 1, outcome.wait),
            failures=col(HubPingRow.failures) + 1,
            code=outcome.code,
            problem=outcome.problem,
        )
    )


def _is_mine(ping: HubPingRow) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(HubPingRow.hub) == ping.hub,
        col(HubPingRow.slug) == ping.slug,
        col(HubPingRow.fmt) == ping.fmt,
        col(HubPingRow.state) == PingState.WAITING,
        col(HubPingRow.next_at) == ping.next_at,
    )
