"""Sending a batch: claim, then window by window print, hand over, record."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from publisher.delivery.carrier import Carrier
from publisher.delivery.claim import LEASE, Claim, claim_batch, put_back
from publisher.delivery.hold import hold_edition, note_trouble
from publisher.delivery.journal import Journal
from publisher.delivery.outcome import Outcome, record_outcomes
from publisher.delivery.press import Printed
from publisher.delivery.window import Reader, Window, next_window
from publisher.errors import RefusedError, TemplateBrokenError, UnavailableError

FENCE_S = LEASE.total_seconds() / 2
RELAY_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a window; `trouble` says why it broke off, if it did."""

    outcomes: Sequence[Outcome]
    trouble: UnavailableError | None = None


def send_batch(carrier: Carrier, edition_id: int, no: int) -> None:
    """Send what is left of a batch, if it may be had; running it twice or late is harmless.

    Side effects: mail, the journal, outcomes. An unreachable relay puts the batch back for half a
    minute; a template that does not render pauses the edition; both say so at the desk.
    """
    runtime = carrier.runtime
    worker = uuid4().hex
    with Journal(runtime.settings.journal_folder, edition_id, no, worker) as journal:
        with runtime.sessions.begin() as session:
            claim = claim_batch(session, edition_id, no, worker, runtime.clock())
        if claim is not None:
            _send_windows(carrier, claim, journal)


def _send_windows(carrier: Carrier, claim: Claim, journal: Journal) -> None:
    sent = Sent(())
    while True:
        fence = time.monotonic() + FENCE_S
        window = _step(carrier, claim, sent)
        if window is None or not window.readers:
            return
        try:
            printed = _print(carrier, claim, window)
        except (TemplateBrokenError, RefusedError) as error:
            _hold(carrier, claim, str(error))
            return
        sent = _send_window(carrier, printed, window.readers, journal, fence)


def _step(carrier: Carrier, claim: Claim, sent: Sent) -> Window | None:
    """Between two windows, in one transaction: outcomes in, next readers out."""
    now = carrier.runtime.clock()
    with carrier.runtime.sessions.begin() as session:
        record_outcomes(session, claim, sent.outcomes, now)
        if sent.trouble is not None:
            note_trouble(session, claim.edition_id, str(sent.trouble))
            put_back(session, claim, not_before=now + RELAY_PAUSE)
            return None
        return next_window(session, claim, now)


def _print(carrier: Carrier, claim: Claim, window: Window) -> Printed:
    with carrier.runtime.sessions.read() as session:
        return carrier.press.print_variant(session, claim.edition_id, window.variant_id)


def _hold(carrier: Carrier, claim: Claim, reason: str) -> None:
    with carrier.runtime.sessions.begin() as session:
        put_back(session, claim)
        hold_edition(session, claim.edition_id, reason)


def _send_window(
    carrier: Carrier, printed: Printed, readers: Sequence[Reader], journal: Journal, fence: float
) -> Sent:
    """Hand a window over. Past the fence nothing more is offered: the lease may be another's."""
    outcomes: list[Outcome] = []
    for reader in readers:
        if time.monotonic() > fence:
            break
        message = carrier.press.message(printed, reader)
        try:
            connection = carrier.connection()
            journal.offering(reader.subscriber_id)
            reply = connection.send(printed.sender, reader.address, message)
        except UnavailableError as error:
            journal.not_taken(reader.subscriber_id)
            return Sent(outcomes, error)
        if reply.outcome != "uncertain":
            journal.answered(reader.subscriber_id, reply.code)
        outcomes.append(Outcome(reader.subscriber_id, reader.attempts, reply))
    return Sent(outcomes)
