"""Sending a batch: claim, then window by window print, hand over, record."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from publisher.delivery.books import Books
from publisher.delivery.carrier import Carrier
from publisher.delivery.claim import LEASE, Claim, claim_batch, put_back
from publisher.delivery.hold import hold_edition, note_trouble
from publisher.delivery.journal import Journal
from publisher.delivery.outcome import Outcome, record_outcomes
from publisher.delivery.press import Printed
from publisher.delivery.recover import recover
from publisher.delivery.turns import wait
from publisher.delivery.window import Reader, Window, next_window
from publisher.errors import (
    ConfigurationError,
    RefusedError,
    TemplateBrokenError,
    UnavailableError,
)
from publisher.mail.pipeline import Offer, Slow, hand_over

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
        wait(window.wait_s, lambda: not carrier.stopping)
        sent = _send_window(carrier, printed, window, journal, fence)


def _step(carrier: Carrier, claim: Claim, sent: Sent) -> Window | None:
    """Between two windows, in one transaction: outcomes in, next readers out."""
    now = carrier.runtime.clock()
    with carrier.runtime.sessions.begin() as session:
        record_outcomes(session, claim, sent.outcomes, now)
        if carrier.stopping:
            put_back(session, claim)
            return None
        if sent.trouble is None:
            return next_window(session, claim, now, lines=carrier.lines.most)
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
    carrier: Carrier, printed: Printed, window: Window, journal: Journal, fence: float
) -> Sent:
    """Hand a window over. Past the fence nothing more is offered: the lease may be another's."""
    books = Books(
        journal, window.readers, lambda: not carrier.stopping and time.monotonic() < fence
    )
    slow = [
        Slow(_offers(carrier, printed, group.readers, books), group.most) for group in window.groups
    ]
    try:
        hand_over(carrier.lines, _offers(carrier, printed, window.others, books), books, slow=slow)
    except UnavailableError as error:
        return Sent(books.outcomes, str(error))
    except RefusedError as error:
        return Sent(books.outcomes, str(error), fatal=True)
    if books.refusal is not None:
        said = f"{books.refusal.code} {books.refusal.text}"
        trouble = f"The mail server refuses the sender {printed.sender}: {said}."
        return Sent(books.outcomes, f"{trouble} Mend that, then resume.", fatal=True)
    return Sent(books.outcomes)


def _offers(
    carrier: Carrier, printed: Printed, readers: Sequence[Reader], books: Books
) -> Iterator[Offer]:
    """The window's messages, each made when a line is about to take it."""
    for reader in readers:
        try:
            message = carrier.press.message(printed, reader)
        except RefusedError as error:
            books.unmailable(reader.subscriber_id, str(error))
            continue
        yield Offer(reader.subscriber_id, printed.sender, reader.address, message)
