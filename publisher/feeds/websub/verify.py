"""Asks a callback whether it means what somebody asked in its name (WebSub §5.3).

Or tells it that its subscription is denied (§5.2), which wants no answer but 2xx.
"""

import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.errors import PublisherError, UnavailableError
from publisher.feeds.websub.intents import is_due
from publisher.feeds.websub.models import (
    HubIntentRow,
    HubSubscriptionRow,
    IntentMode,
    IntentState,
)
from publisher.feeds.websub.subscriptions import enter, leave
from publisher.fetch import Client, Limits
from publisher.pages.links import Links
from publisher.store import Runtime

log = logging.getLogger(__name__)

LIMITS = Limits(seconds=5.0, answer_bytes=1024)
CLAIM = timedelta(seconds=15)
PAUSE = timedelta(seconds=30)
MOST_TRIES = 3


def verify_due(runtime: Runtime) -> int:
    """Ask, or tell, every callback that is to be; returns how many meant it, or took it.

    Never raises for what a callback does. One that gives no answer is asked three times; one that
    does not give back the challenge did not mean it.
    """
    confirmed = 0
    with Client(private=runtime.settings.open_networks, limits=LIMITS) as client:
        while (intent := _claimed(runtime)) is not None:
            outcome = _asked(client, runtime, intent)
            with runtime.sessions.begin() as session:
                _write(session, runtime, intent, outcome)
            confirmed += outcome.is_meant
    return confirmed


@dataclass(frozen=True, slots=True)
class _Outcome:
    problem: str | None = None
    is_final: bool = True

    @property
    def is_meant(self) -> bool:
        return self.problem is None


def _claimed(runtime: Runtime) -> HubIntentRow | None:
    now = runtime.clock()
    due = (
        select(HubIntentRow)
        .where(*is_due(runtime.settings, now))
        .order_by(col(HubIntentRow.tries), col(HubIntentRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with runtime.sessions.begin() as session:
        intent = session.exec(due).first()
        if intent is not None:
            intent.next_at = now + CLAIM
            intent.tries += 1
    return intent


def _asked(client: Client, runtime: Runtime, intent: HubIntentRow) -> _Outcome:
    challenge = secrets.token_urlsafe(32)
    fields = {
        "hub.mode": intent.mode.value,
        "hub.topic": Links(runtime.settings.base_url).feed(intent.slug, intent.fmt),
        **_fields_of(intent, challenge),
    }
    mark = "&" if "?" in intent.callback else "?"
    try:
        answer = client.request("GET", f"{intent.callback}{mark}{urlencode(fields)}")
    except PublisherError as error:
        return _Outcome(str(error)[:300], is_final=not isinstance(error, UnavailableError))
    if not answer.is_ok:
        return _Outcome(f"The callback {answer.words()}")
    if _is_question(intent) and not hmac.compare_digest(answer.body, challenge.encode()):
        return _Outcome("The callback did not give the challenge back.")
    return _Outcome()


def _fields_of(intent: HubIntentRow, challenge: str) -> dict[str, str]:
    """What is said to the callback besides what it is about."""
    if not _is_question(intent):
        return {"hub.reason": intent.reason or ""}
    if intent.mode == IntentMode.UNSUBSCRIBE:
        return {"hub.challenge": challenge}
    return {"hub.challenge": challenge, "hub.lease_seconds": str(intent.lease_s)}


def _is_question(intent: HubIntentRow) -> bool:
    return intent.mode != IntentMode.DENIED


def _write(session: Session, runtime: Runtime, intent: HubIntentRow, outcome: _Outcome) -> None:
    """The outcome, unless the claim lapsed and somebody else asked meanwhile."""
    now = runtime.clock()
    state = IntentState.CONFIRMED if outcome.is_meant else IntentState.FAILED
    if not outcome.is_final and intent.tries < MOST_TRIES:
        state = IntentState.ASKED
    written = session.execute(
        sa.update(HubIntentRow)
        .where(
            col(HubIntentRow.id) == intent.id,
            col(HubIntentRow.state) == IntentState.ASKED,
            col(HubIntentRow.next_at) == intent.next_at,
        )
        .values(state=state, next_at=now + PAUSE, problem=outcome.problem)
        .returning(col(HubIntentRow.id))
    )
    if written.scalar() is not None and _is_question(intent) and outcome.is_meant:
        _do(session, runtime, intent, now)


def _do(session: Session, runtime: Runtime, intent: HubIntentRow, now: datetime) -> None:
    """What was asked and meant, and its audit row."""
    if intent.mode == IntentMode.SUBSCRIBE:
        enter(session, runtime.settings, intent, now)
    else:
        leave(
            session,
            col(HubSubscriptionRow.callback) == intent.callback,
            col(HubSubscriptionRow.slug) == intent.slug,
            col(HubSubscriptionRow.fmt) == intent.fmt,
        )
    by = Actor("reader", intent.host)
    action = f"hub.{intent.mode.value}"
    record(session, by, action, "feed", intent.slug, at=now, format=intent.fmt)
