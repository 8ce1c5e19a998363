"""The next window of a batch: who is still to be mailed, asked anew every fifty a connection.

Pause, stop, kill, unsubscribing, suppression and erasure all act here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from publisher.delivery.claim import (
    Claim,
    close,
    has_open_batch,
    put_back,
    put_in_flight,
    renew,
)
from publisher.delivery.gone import suppress_gone
from publisher.delivery.outcome import MAX_AGE, finish
from publisher.delivery.queued import next_readers, withdraw_queued
from publisher.delivery.quiet import rest
from publisher.delivery.reader import Reader
from publisher.delivery.standing import Standing, standing_of
from publisher.delivery.turns import Group, Turn, take_turns
from publisher.editions.hints import wake_next
from publisher.editions.models import EditionState
from publisher.editions.refit import is_whole, refit_batch

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


def next_window(session: Session, claim: Claim, now: datetime, *, lines: int = 1) -> Window:
    """Fence, look whether the edition still goes, and take the next readers of the batch.

    They are fifty for each of the `lines` that will carry them.
    """
    variant_id = renew(session, claim, now)
    if variant_id is None:
        return NOTHING
    edition = standing_of(session, claim.edition_id)
    if edition.state != EditionState.SENDING:
        return _leave(session, claim, edition, now)
    if rest(session, claim, edition, now):
        return NOTHING
    if not is_whole(session, variant_id, now):
        variant_id = refit_batch(session, claim.edition_id, claim.no, now)
    turn = _turn(session, claim, edition, now, lines) if variant_id is not None else None
    if variant_id is None or turn is None:
        close(session, claim)
        wake_next(session, claim.edition_id, claim.no)
        if not has_open_batch(session, claim.edition_id):
            finish(session, claim.edition_id, now)
            suppress_gone(session, claim.edition_id, now)
        return NOTHING
    if turn.not_before is not None:
        put_back(session, claim, not_before=turn.not_before)
        return NOTHING
    put_in_flight(session, claim, turn.readers[-1].subscriber_id)
    return Window(variant_id, turn.readers, turn.groups, turn.wait_s)


def _leave(session: Session, claim: Claim, edition: Standing, now: datetime) -> Window:
    """Paused: the batch waits. Stopped: what is left of it is withdrawn."""
    if edition.state == EditionState.STOPPED:
        withdraw_queued(session, claim, "stopped", now)
        close(session, claim)
    else:
        put_back(session, claim)
    return NOTHING


def _turn(
    session: Session, claim: Claim, edition: Standing, now: datetime, lines: int
) -> Turn | None:
    """The first readers of what is left whose turn it is; None where nobody is left."""
    last = (edition.frozen_at or now) + MAX_AGE
    newsletter_id, most = edition.newsletter_id, WINDOW * lines
    while readers := next_readers(session, claim, newsletter_id, most, now):
        turn = take_turns(session, claim, readers, now=now, last=last)
        if turn.readers or turn.not_before:
            return turn
    return None
