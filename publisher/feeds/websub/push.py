"""Brings documents to the callbacks that subscribed to them (WebSub §7).

What is brought are the bytes that are up at that moment, with the headers of a GET. A claim joins
the state of the feed and of its stories: nothing goes while the feed has something newer to show,
or holds a story that may not be shown any more, whether the feed has heard of that yet or not.
"""

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from publisher.accounts.actor import CLOCK, record
from publisher.errors import PublisherError
from publisher.feeds.files import Published
from publisher.feeds.models import FeedEntryRow, FeedRow
from publisher.feeds.paths import feed_path
from publisher.feeds.websub.models import HubSubscriptionRow, PushState
from publisher.feeds.websub.subscriptions import LOCK, is_waiting, leave
from publisher.fetch import Client, Limits
from publisher.fetch.pauses import pause_after
from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleEventRow, ArticleReceiptRow, ArticleRow
from publisher.store import Runtime
from publisher.store.locks import lock_name

log = logging.getLogger(__name__)

LIMITS = Limits(seconds=10.0, answer_bytes=4096)
CLAIM = timedelta(seconds=15)  # longer than one may take
MOMENT = timedelta(seconds=2)
PATIENCE = timedelta(hours=24)  # since the document changed
_GONE = 410
_OK = 200


def push_due(runtime: Runtime) -> int:
    """Bring all that waits, those that did not fail before first; returns how many took it.

    Never raises for what a callback does: the row says it, and when it is tried again. Any 2xx is
    success; 410 ends the subscription. A host is visited once at a time.
    """
    settings = runtime.settings
    if settings.own_hub is None or not _is_anything_due(runtime):
        return 0
    published = Published(settings.public_folder, base_url=settings.base_url, hubs=settings.hubs)
    brought = 0
    with Client(private=settings.open_networks, limits=LIMITS) as client:
        while (push := _claimed(runtime)) is not None:
            outcome = _brought(client, published, push, runtime.clock())
            with runtime.sessions.begin() as session:
                _write(session, push, outcome, runtime.clock())
            brought += outcome.is_taken
    return brought


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`code` is None where there was no answer; `wait` is how long the server wants its peace."""

    code: int | None
    problem: str | None
    wait: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        return self.problem is None


def _is_anything_due(runtime: Runtime) -> bool:
    """Looked up without a lock: most of the threads that are woken find nothing left to do."""
    with runtime.sessions.read() as session:
        return session.exec(_due(runtime.clock()).limit(1)).first() is not None


def _claimed(runtime: Runtime) -> HubSubscriptionRow | None:
    """The next one; those whose document should not be up any more wait until it is built again."""
    while True:
        now = runtime.clock()
        due = _due(now).limit(1).with_for_update(skip_locked=True, of=HubSubscriptionRow)
        with runtime.sessions.begin() as session:
            push = session.exec(due).first()
            if push is None:
                return None
            if not _has_left(session, push, now):
                push.claimed_until = now + CLAIM
                return push
            push.next_at = now + MOMENT


def _due(now: datetime) -> SelectOfScalar[HubSubscriptionRow]:
    """What may be brought now, in order: nothing that is behind the news, nor to a busy host."""
    other = aliased(HubSubscriptionRow)
    host_is_busy = sa.exists().where(
        col(other.host) == HubSubscriptionRow.host, col(other.claimed_until) > now
    )
    return (
        select(HubSubscriptionRow)
        .join(FeedRow, col(FeedRow.slug) == col(HubSubscriptionRow.slug))
        .where(
            *is_waiting(now),
            col(FeedRow.built_event) >= col(FeedRow.wanted_event),
            ~host_is_busy,
        )
        .order_by(
            col(HubSubscriptionRow.failures),
            col(HubSubscriptionRow.next_at),
            col(HubSubscriptionRow.id),
        )
    )


def _has_left(session: Session, push: HubSubscriptionRow, now: datetime) -> bool:
    """Whether a story of the feed was taken back, and the document still has it.

    It has until the feed heard of that and was built again. Both are asked at one moment: what is
    heard between two questions would be in neither answer.
    """
    heard = sa.exists().where(
        col(ArticleReceiptRow.event_id) == ArticleEventRow.id,
        col(ArticleReceiptRow.room) == "feeds",
    )
    left = sa.exists().where(
        col(FeedEntryRow.slug) == push.slug,
        col(FeedEntryRow.archive).is_(None),
        col(FeedEntryRow.article_id) == ArticleRow.id,
        sa.not_(leavable("feed", now)),
        col(ArticleEventRow.article_id) == ArticleRow.id,
        ~heard,
    )
    behind = sa.exists().where(
        col(FeedRow.slug) == push.slug, col(FeedRow.built_event) < col(FeedRow.wanted_event)
    )
    return bool(session.execute(sa.select(sa.or_(left, behind))).scalar())


def _brought(
    client: Client, published: Published, push: HubSubscriptionRow, now: datetime
) -> _Outcome:
    document = published.answer(f"/{feed_path(push.slug, push.fmt)}")
    if document.status != _OK:
        return _Outcome(document.status, "The document is not up.")
    headers = {name: document.headers[name] for name in ("Content-Type", "Link")}
    if push.secret:
        headers["X-Hub-Signature"] = signature(push.secret, document.body)
    try:
        answer = client.request("POST", push.callback, body=document.body, headers=headers)
    except PublisherError as error:
        log.warning("%s was not brought to subscription %s: %s", push.slug, push.id, error)
        return _Outcome(None, str(error)[:300])
    if answer.is_ok:
        return _Outcome(answer.status, None)
    return _Outcome(answer.status, f"The callback {answer.words()}", answer.retry_after(now))


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature (WebSub §8)."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def _write(session: Session, push: HubSubscriptionRow, outcome: _Outcome, now: datetime) -> None:
    others_wait = sa.select(sa.exists().where(*_waited_for(push.host)))
    if outcome.code is None or session.execute(others_wait).scalar():
        lock_name(session, LOCK)  # more than one row: in turns with builders, or both would hang
    if outcome.is_taken:
        _write_taken(session, push, outcome, now)
    elif outcome.code == _GONE:
        leave(session, col(HubSubscriptionRow.id) == push.id)
        detail = {"format": push.fmt, "host": push.host}
        record(session, CLOCK, "hub.gone", "feed", push.slug, at=now, **detail)
    else:
        _write_failed(session, push, outcome, now)


def _write_taken(
    session: Session, push: HubSubscriptionRow, outcome: _Outcome, now: datetime
) -> None:
    """It has this state; a newer one goes next. And so does what waited for its host."""
    is_newest = col(HubSubscriptionRow.changed_at) == push.changed_at
    session.execute(
        sa.update(HubSubscriptionRow)
        .where(_is_mine(push))
        .values(
            state=sa.case((is_newest, PushState.IDLE.value), else_=PushState.WAITING.value),
            next_at=now,
            claimed_until=None,
            failures=0,
            brought_at=now,
            code=outcome.code,
            problem=None,
        )
    )
    session.execute(
        sa.update(HubSubscriptionRow).where(*_waited_for(push.host)).values(next_at=now, failures=0)
    )


def _waited_for(host: str) -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of subscriptions that pause because their host gave no answer."""
    return (
        col(HubSubscriptionRow.host) == host,
        col(HubSubscriptionRow.state) == PushState.WAITING,
        col(HubSubscriptionRow.failures) > 0,
        col(HubSubscriptionRow.code).is_(None),
    )


def _write_failed(
    session: Session, push: HubSubscriptionRow, outcome: _Outcome, now: datetime
) -> None:
    """It is tried again after a pause; without any answer all that waits for the host pauses."""
    which = _is_mine(push)
    if outcome.code is None:
        which = sa.or_(which, sa.and_(*is_waiting(now), col(HubSubscriptionRow.host) == push.host))
    is_over = col(HubSubscriptionRow.wanted_at) <= now - PATIENCE
    session.execute(
        sa.update(HubSubscriptionRow)
        .where(which)
        .values(
            state=sa.case((is_over, PushState.GIVEN_UP.value), else_=PushState.WAITING.value),
            next_at=now + pause_after(push.failures + 1, outcome.wait),
            claimed_until=None,
            failures=col(HubSubscriptionRow.failures) + 1,
            code=outcome.code,
            problem=outcome.problem,
        )
    )


def _is_mine(push: HubSubscriptionRow) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(HubSubscriptionRow.id) == push.id,
        col(HubSubscriptionRow.claimed_until) == push.claimed_until,
    )
