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
from publisher.delivery.recover import recover
from publisher.delivery.window import Reader, Window, next_window
from publisher.errors import (
    ConfigurationError,
    RefusedError,
    TemplateBrokenError,
    UnavailableError,
)
from publisher.mail.connection import Reply

FENCE_S = LEASE.total_seconds() / 2
RELAY_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a window; `trouble` says why it broke off, `fatal` that it cannot go on."""

    outcomes: Sequence[Outcome]
    trouble: str | None = None
    fatal: bool = False


def send_batch(carrier: Carrier, edition_id: int, no: int) -> None:
    """Send what is left of a batch, if it may be had; running it twice or late is harmless.

    Side effects: mail, the journal, outcomes. An unreachable relay puts the batch back for half a
    minute; a template that does not render pauses the edition; both say so at the desk.
    """
    runtime = carrier.runtime
    recover(runtime, f"{edition_id}-{no}")  # a journal knows more than a lease that lapsed
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
        except (TemplateBrokenError, RefusedError, ConfigurationError) as error:
            _hold(carrier, claim, str(error))
            return
        sent = _send_window(carrier, printed, window.readers, journal, fence)


def _step(carrier: Carrier, claim: Claim, sent: Sent) -> Window | None:
    """Between two windows, in one transaction: outcomes in, next readers out."""
    now = carrier.runtime.clock()
    with carrier.runtime.sessions.begin() as session:
        record_outcomes(session, claim, sent.outcomes, now)
        if carrier.stopping:
            put_back(session, claim)
            return None
        if sent.trouble is None:
            return next_window(session, claim, now)
        put_back(session, claim, not_before=None if sent.fatal else now + RELAY_PAUSE)
        tell = hold_edition if sent.fatal else note_trouble
        tell(session, claim.edition_id, sent.trouble)
        return None


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
        if carrier.stopping or time.monotonic() > fence:
            break
        try:
            reply = _send_one(carrier, printed, reader, journal)
        except UnavailableError as error:
            return Sent(outcomes, str(error))
        if _refuses_us(reply):
            said = f"The mail server refuses the sender {printed.sender}: {reply.code} {reply.text}"
            return Sent(outcomes, f"{said}. Mend that, then resume.", fatal=True)
        outcomes.append(Outcome(reader.subscriber_id, reader.attempts, reply))
    return Sent(outcomes)


def _send_one(carrier: Carrier, printed: Printed, reader: Reader, journal: Journal) -> Reply:
    """Hand one message over, with the journal written around it.

    Raises UnavailableError where the server certainly does not have it.
    """
    try:
        message = carrier.press.message(printed, reader)
    except RefusedError as error:  # an address that no server would take
        return Reply("refused", None, str(error)[:200], "address")
    connection = carrier.connection()
    journal.offering(reader.subscriber_id)
    try:
        reply = connection.send(printed.sender, reader.address, message)
    except UnavailableError:
        journal.not_taken(reader.subscriber_id)
        raise
    if _refuses_us(reply):
        journal.not_taken(reader.subscriber_id)
    elif reply.outcome != "uncertain":
        journal.answered(reader.subscriber_id, reply.code)
    return reply


def _refuses_us(reply: Reply) -> bool:
    """Whether the server will not have our sender, whoever the reader is."""
    return reply.outcome == "refused" and reply.stage == "mail"
