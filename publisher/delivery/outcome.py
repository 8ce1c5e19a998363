"""Outcomes: what became of each message, written once a window."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.delivery.claim import Claim
from publisher.delivery.classes import class_of
from publisher.delivery.strikes import Heard, heed
from publisher.delivery.uncertain import plan_resend
from publisher.editions.models import (
    BatchRow,
    BatchState,
    DeliveryRow,
    DeliveryState,
    EditionRow,
    EditionState,
)
from publisher.mail.connection import Reply

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
MAX_AGE = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The reply to one delivery; `attempts` counts the tries before this one."""

    subscriber_id: int
    attempts: int
    reply: Reply


def record_outcomes(
    session: Session, claim: Claim, outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Write what became of a window's messages; a row that has an outcome keeps it.

    Side effect: holds mail to destinations that block us.
    """
    if not outcomes:
        return
    frozen_at = session.get_one(EditionRow, claim.edition_id).frozen_at or now
    table = DeliveryRow.__table__  # type: ignore[attr-defined]
    statement = (
        sa.update(table)
        .where(
            table.c.edition_id == claim.edition_id,
            table.c.batch_no == claim.no,
            table.c.subscriber_id == sa.bindparam("reader"),
            table.c.state == DeliveryState.QUEUED,
        )
        .values(
            state=sa.bindparam("to_state"),
            reason=sa.bindparam("to_reason"),
            code=sa.bindparam("to_code"),
            reply=sa.bindparam("to_reply"),
            attempts=sa.bindparam("to_attempts"),
            next_at=sa.bindparam("to_next_at"),
            at=now,
        )
    )
    rows = [_row(outcome, frozen_at, now) for outcome in outcomes]
    session.connection().execute(statement, rows)
    blocked = any(row["to_reason"] == "policy" for row in rows)
    heed(session, (_heard(outcome) for outcome in outcomes), now, blocked=blocked)


def next_try(attempts: int, now: datetime) -> datetime:
    """When to try again after so many tries: 5 minutes, doubling to 4 hours, spread by a fifth."""
    wait = min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT)
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
    return now + timedelta(seconds=wait.total_seconds() * spread)


def finish(session: Session, edition_id: int, now: datetime) -> bool:
    """Call the edition sent once no batch is open and nothing is deferred.

    First what is in doubt is planned to be sent again, where that is its newsletter's policy.
    """
    open_batch = sa.exists().where(
        col(BatchRow.edition_id) == edition_id, col(BatchRow.state) != BatchState.DONE
    )
    deferred = sa.exists().where(
        col(DeliveryRow.edition_id) == edition_id, col(DeliveryRow.next_at).is_not(None)
    )
    through = (
        col(EditionRow.id) == edition_id,
        col(EditionRow.state) == EditionState.SENDING,
        ~open_batch,
        ~deferred,
    )
    # Locked by a statement of its own, so that the update sees batches added while we waited.
    looked = sa.select(col(EditionRow.id)).where(*through).with_for_update()
    if session.execute(looked).first() is None:
        return False
    statement = sa.update(EditionRow).where(*through)
    statement = statement.values(state=EditionState.SENT, finished_at=now, reason=None)
    if session.connection().execute(statement).rowcount != 1:
        return False
    return not plan_resend(session, edition_id, now)


def _row(outcome: Outcome, frozen_at: datetime, now: datetime) -> dict[str, Any]:
    state = DeliveryState(outcome.reply.outcome)
    reason, next_at = class_of(outcome.reply), None
    if state == DeliveryState.DEFERRED:
        next_at = next_try(outcome.attempts, now)
        if next_at > frozen_at + MAX_AGE:
            state, reason, next_at = DeliveryState.REFUSED, "too_old", None
    return {
        "reader": outcome.subscriber_id,
        "to_state": state,
        "to_reason": reason,
        "to_code": outcome.reply.code,
        "to_reply": None if state == DeliveryState.ACCEPTED else outcome.reply.text[:200],
        "to_attempts": outcome.attempts + 1,
        "to_next_at": next_at,
    }


def _heard(outcome: Outcome) -> Heard:
    reply = outcome.reply
    return Heard(
        outcome.subscriber_id,
        accepted=reply.outcome == "accepted",
        blocked=class_of(reply) == "policy",
        said=f"{reply.code or ''} {reply.text}".strip(),
    )
