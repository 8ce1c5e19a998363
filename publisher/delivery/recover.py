"""Picking up after a worker that is gone: its journal says what was sent and what is uncertain."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.delivery.claim import Claim, doubt_in_flight, put_back
from publisher.delivery.journal import SUFFIX, Lines, abandoned, name_parts
from publisher.delivery.outcome import Outcome, record_outcomes
from publisher.editions.hints import wake_batch
from publisher.editions.models import BatchRow, BatchState, DeliveryRow, DeliveryState
from publisher.mail.connection import Reply
from publisher.store import Runtime


def recover(runtime: Runtime, batch: str = "*") -> int:
    """Settle the batches of this host's workers that are gone; returns how many.

    `batch` narrows it to one, as “edition-number”. Safe while others work: a journal whose worker
    lives is locked and left alone.
    """
    settled = 0
    for path in sorted(runtime.settings.journal_folder.glob(f"{batch}-*{SUFFIX}")):
        with abandoned(path) as lines:
            if lines is not None:
                with runtime.sessions.begin() as session:
                    _settle(session, path, lines, runtime.clock())
                settled += 1
    return settled


def alive_here(runtime: Runtime, batch: str = "*") -> set[str]:
    """The workers of this host that hold a journal after `recover` took those of the lost."""
    paths = runtime.settings.journal_folder.glob(f"{batch}-*{SUFFIX}")
    return {worker for _, _, worker in map(name_parts, paths)}


def _settle(session: Session, path: Path, lines: Lines, now: datetime) -> None:
    edition_id, no, worker = name_parts(path)
    claim = Claim(edition_id, no, worker)
    if not _is_ours(session, claim):
        return
    replies = {reader: _reply(code) for reader, code in lines.answered.items()}
    replies |= dict.fromkeys(lines.offered, _DOUBT)
    tries = _attempts(session, claim)
    outcomes = [
        Outcome(reader, tries[reader], reply)
        for reader, reply in replies.items()
        if reader in tries
    ]
    record_outcomes(session, claim, outcomes, now)
    if not lines.is_whole:
        doubt_in_flight(session, claim, now)
    put_back(session, claim)
    wake_batch(session, edition_id, no)


def _attempts(session: Session, claim: Claim) -> dict[int, int]:
    """How often each reader of the batch who waits for an outcome was tried before."""
    statement = sa.select(col(DeliveryRow.subscriber_id), col(DeliveryRow.attempts)).where(
        col(DeliveryRow.edition_id) == claim.edition_id,
        col(DeliveryRow.batch_no) == claim.no,
        col(DeliveryRow.state) == DeliveryState.QUEUED,
    )
    return {row.subscriber_id: row.attempts for row in session.execute(statement)}


def _is_ours(session: Session, claim: Claim) -> bool:
    """Whether the batch is still the lost worker's, and not taken over since."""
    statement = (
        sa.select(col(BatchRow.no))
        .where(
            col(BatchRow.edition_id) == claim.edition_id,
            col(BatchRow.no) == claim.no,
            col(BatchRow.worker) == claim.worker,
            col(BatchRow.state) == BatchState.SENDING,
        )
        .with_for_update()
    )
    return session.execute(statement).first() is not None


_DOUBT = Reply("uncertain", None, "The worker was lost while the server had the message.", "end")
_OK, _TEMPORARY = 2, 4


def _reply(code: int) -> Reply:
    if code // 100 == _OK:
        return Reply("accepted", code, "", "end")
    if code // 100 == _TEMPORARY:
        return Reply("deferred", code, "", "end")
    return Reply("refused", code or None, "", "end")
