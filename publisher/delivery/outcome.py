"""Outcomes: what became of each message, written once a window."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.delivery.claim import Claim
from publisher.delivery.classes import class_of
from publisher.delivery.strikes import Heard, heed
from publisher.delivery.uncertain import plan_resend
from publisher.editions.give_up import STATE, unless_in_doubt
from publisher.editions.models import (
    BatchRow,
    BatchState,
    DeliveryRow,
    DeliveryState,
    EditionRow,
    EditionState,
)
from publisher.mail.connection import Reply
from publisher.store.ids import among, is_among

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
MAX_AGE = timedelta(hours=48)


class Outcome(NamedTuple):
    """The reply to one delivery; `attempts` counts the tries before this one."""

    subscriber_id: int
    attempts: int
    reply: Reply


def record_outcomes(
    session: Session,
    claim: Claim,
    outcomes: Sequence[Outcome],
    now: datetime,
    *,
    strikes: bool = True,
) -> bool:
    """Write what became of a window's messages; a row that has an outcome keeps it.

    `strikes` says whether any destination is or was held. Side effect: holds mail to destinations
    that block us, and frees those that took some; whether it looked at them.
    """
    if not outcomes:
        return False
    readers = _by_verdict(session, claim, outcomes, now)
    connection = session.connection()
    dialect = connection.dialect.name
    about = {"edition": claim.edition_id, "batch": claim.no, "now": now}
    rows = [about | verdict._asdict() | among(dialect, who) for verdict, who in readers.items()]
    connection.execute(_recording(dialect), rows)
    if not strikes and all(verdict.to_reason != "policy" for verdict in readers):
        return False
    heed(session, [_heard(outcome) for outcome in outcomes], now)
    return True


def next_try(attempts: int, now: datetime) -> datetime:
    """When to try again after so many tries: 5 minutes, doubling to 4 hours, spread by a fifth."""
    wait = min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT)
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
    return now + timedelta(seconds=wait.total_seconds() * spread)


def finish(session: Session, edition_id: int, now: datetime) -> bool:
    """Call the edition sent once no batch is open and nothing is deferred.

    First what is in doubt is planned to be sent again, where that is its newsletter's policy.
    """
    session.flush()
    connection, about = session.connection(), {"edition": edition_id}
    # Locked by a statement of its own, so that the update sees batches added while we waited.
    looked, finishing = _finishing()
    if connection.execute(looked, about).first() is None:
        return False
    if connection.execute(finishing, about | {"now": now}).rowcount != 1:
        return False
    return not plan_resend(session, edition_id, now)


@cache
def _finishing() -> tuple[sa.Executable, sa.Executable]:
    """Whether an edition is through, and what calls it so; built once: every batch asks."""
    edition: sa.BindParameter[int] = sa.bindparam("edition")
    open_batch = sa.exists().where(
        col(BatchRow.edition_id) == edition, col(BatchRow.state) != BatchState.DONE
    )
    deferred = sa.exists().where(
        col(DeliveryRow.edition_id) == edition, col(DeliveryRow.next_at).is_not(None)
    )
    through = (
        col(EditionRow.id) == edition,
        col(EditionRow.state) == EditionState.SENDING,
        ~open_batch,
        ~deferred,
    )
    looked = sa.select(col(EditionRow.id)).where(*through).with_for_update()
    finishing = sa.update(EditionRow).where(*through)
    return looked, finishing.values(
        state=EditionState.SENT, finished_at=sa.bindparam("now"), reason=None
    )


class _Verdict(NamedTuple):
    """What a row is to say; readers of whom the same is said are written at once."""

    to_state: DeliveryState
    to_reason: str | None
    to_code: int | None
    to_reply: str | None
    to_attempts: int
    to_next_at: datetime | None


def _by_verdict(
    session: Session, claim: Claim, outcomes: Sequence[Outcome], now: datetime
) -> Mapping[_Verdict, Sequence[int]]:
    """Who has each; of those accepted, which are most, no more is looked at than is written."""
    accepted: dict[tuple[int | None, int], list[int]] = {}
    others: list[Outcome] = []
    for outcome in outcomes:
        if outcome.reply.outcome == "accepted":
            said = outcome.reply.code, outcome.attempts + 1
            accepted.setdefault(said, []).append(outcome.subscriber_id)
        else:
            others.append(outcome)
    readers = {
        _Verdict(DeliveryState.ACCEPTED, None, code, None, attempts, None): who
        for (code, attempts), who in accepted.items()
    }
    last = _last_moment(session, claim, others, now)
    for outcome in others:
        readers.setdefault(_verdict(outcome, last, now), []).append(outcome.subscriber_id)
    return readers


def _verdict(outcome: Outcome, last: datetime, now: datetime) -> _Verdict:
    reply, attempts = outcome.reply, outcome.attempts + 1
    state, reason, next_at = DeliveryState(reply.outcome), class_of(reply), None
    if state == DeliveryState.DEFERRED:
        next_at = next_try(outcome.attempts, now)
        if next_at > last:
            state, reason, next_at = DeliveryState.REFUSED, "too_old", None
    return _Verdict(state, reason, reply.code, reply.text[:200], attempts, next_at)


def _last_moment(
    session: Session, claim: Claim, outcomes: Sequence[Outcome], now: datetime
) -> datetime:
    """When a message of the edition is too old to be tried again; asked where one is put off."""
    if all(outcome.reply.outcome != "deferred" for outcome in outcomes):
        return now
    frozen = sa.select(col(EditionRow.frozen_at)).where(col(EditionRow.id) == claim.edition_id)
    return (session.execute(frozen).scalar_one() or now) + MAX_AGE


@lru_cache(maxsize=2)
def _recording(dialect: str) -> sa.Update:
    """One statement for all readers of a verdict: an UPDATE a reader takes five times as long."""
    return (
        sa.update(DeliveryRow.__table__)  # type: ignore[attr-defined]
        .where(
            col(DeliveryRow.edition_id) == sa.bindparam("edition"),
            col(DeliveryRow.batch_no) == sa.bindparam("batch"),
            is_among(dialect, col(DeliveryRow.subscriber_id)),
            col(DeliveryRow.state) == DeliveryState.QUEUED,
        )
        .values(
            {name.removeprefix("to_"): sa.bindparam(name) for name in _Verdict._fields}
            | {"state": _state(), "at": sa.bindparam("now")}
        )
    )


def _state() -> sa.ColumnElement[Any]:
    """What was in doubt and then put off for too long may have arrived the first time."""
    state = sa.bindparam("to_state", type_=STATE)
    too_old = sa.bindparam("to_reason", type_=sa.String()) == "too_old"
    return sa.case((too_old, unless_in_doubt(state)), else_=state)


def _heard(outcome: Outcome) -> Heard:
    reply = outcome.reply
    return Heard(
        outcome.subscriber_id,
        accepted=reply.outcome == "accepted",
        blocked=class_of(reply) == "policy",
        said=f"{reply.code or ''} {reply.text}".strip(),
    )
