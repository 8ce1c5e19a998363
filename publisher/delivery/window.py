"""The next window of a batch: who is still to be mailed, asked anew every fifty a connection.

Pause, stop, kill, unsubscribing, suppression and erasure all act here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from publisher.delivery.claim import Claim, close, put_back, put_in_flight
from publisher.delivery.gone import suppress_gone
from publisher.delivery.outcome import MAX_AGE, finish
from publisher.delivery.question import Answer
from publisher.delivery.queued import next_readers, withdraw_queued
from publisher.delivery.quiet import rest
from publisher.delivery.reader import Reader
from publisher.delivery.standing import Standing
from publisher.delivery.turns import Group, Turn, take_turns
from publisher.editions.hints import wake_next
from publisher.editions.models import EditionState
from publisher.editions.refit import refit_batch

__all__ = ["NOTHING", "WINDOW", "Reader", "Window", "next_window"]

WINDOW = 50


@dataclass(frozen=True, slots=True)
class Window:
    """The next readers of one variant; no readers means that this worker is done here.

    They may be mailed once `wait_s` seconds have passed; those in `groups`, too, are readers.
    """

    variant_id: int
    readers: Sequence[Reader]
    groups: Sequence[Group] = ()
    wait_s: float = 0.0

    @property
    def others(self) -> Sequence[Reader]:
        """The readers who are in no group."""
        if not self.groups:
            return self.readers
        grouped = {reader.subscriber_id for group in self.groups for reader in group.readers}
        return [reader for reader in self.readers if reader.subscriber_id not in grouped]


NOTHING = Window(0, ())


def next_window(
    session: Session, claim: Claim, answer: Answer, now: datetime, *, lines: int = 1
) -> Window:
    """Take the next readers of the batch, if its edition still goes.

    They are fifty for each of the `lines` that will carry them. `answer` was given in this
    transaction, so that the batch is ours until it ends.
    """
    if answer.edition.state != EditionState.SENDING:
        return _leave(session, claim, answer.edition, now)
    if rest(session, claim, answer.edition, now):
        return NOTHING
    variant_id: int | None = answer.variant_id
    if not answer.is_whole:
        variant_id = refit_batch(session, claim.edition_id, claim.no, now)
    turn = _turn(session, claim, answer, now, lines) if variant_id is not None else None
    if variant_id is None or turn is None:
        return _close(session, claim, answer.edition, now)
    if turn.not_before is not None:
        put_back(session, claim, not_before=turn.not_before)
        return NOTHING
    put_in_flight(session, claim, turn.readers[-1].subscriber_id, now)
    return Window(variant_id, turn.readers, turn.groups, turn.wait_s)


def _leave(session: Session, claim: Claim, edition: Standing, now: datetime) -> Window:
    """Paused: the batch waits. Stopped: what is left of it is withdrawn."""
    if edition.state == EditionState.STOPPED:
        withdraw_queued(session, claim, "stopped", now)
        close(session, claim)
    else:
        put_back(session, claim)
    return NOTHING


def _close(session: Session, claim: Claim, edition: Standing, now: datetime) -> Window:
    """Nobody of the batch is left; with the last one the edition is through."""
    close(session, claim)
    if not wake_next(session, edition.kind, claim.edition_id, claim.no):
        finish(session, claim.edition_id, now)
        suppress_gone(session, claim.edition_id, now)
    return NOTHING


def _turn(session: Session, claim: Claim, answer: Answer, now: datetime, lines: int) -> Turn | None:
    """The first readers of what is left whose turn it is; None where nobody is left."""
    last = (answer.edition.frozen_at or now) + MAX_AGE
    newsletter_id, most = answer.edition.newsletter_id, WINDOW * lines
    while readers := next_readers(session, claim, newsletter_id, most, now):
        if not answer.paces and now < last:
            return Turn(readers)
        turn = take_turns(session, claim, readers, now=now, last=last)
        if turn.readers or turn.not_before:
            return turn
    return None
