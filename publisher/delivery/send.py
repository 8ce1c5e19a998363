"""Sending a batch: claim, then window by window print, hand over, record."""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from sqlmodel import Session

from publisher.delivery.books import Books
from publisher.delivery.breaker import LOOK_AGAIN, hold_if_lasting, journal_words
from publisher.delivery.carrier import Carrier
from publisher.delivery.claim import Claim, claim_batch, put_back
from publisher.delivery.environment import settle_here
from publisher.delivery.hold import hold_edition, note_trouble
from publisher.delivery.journal import Journal
from publisher.delivery.letters import send_due_letters
from publisher.delivery.outcome import Outcome, record_outcomes
from publisher.delivery.pace import give_back
from publisher.delivery.patience import patiently
from publisher.delivery.plates import Printed
from publisher.delivery.question import Answer, ask
from publisher.delivery.recover import alive_here, recover
from publisher.delivery.relay_health import FIRST_WAIT
from publisher.delivery.turns import wait
from publisher.delivery.urgent import alert_batches
from publisher.delivery.watch import LeaseLostError, Watch
from publisher.delivery.window import Reader, Window, next_window
from publisher.editions.hints import wake_batch
from publisher.errors import (
    ConfigurationError,
    RefusedError,
    TemplateBrokenError,
    UnavailableError,
)
from publisher.mail.pipeline import Offer, Slow, hand_over
from publisher.mail.replies import Reply

log = logging.getLogger(__name__)

# After which what is sent lets others have the process. A window more takes a minute and the
# server's ten, and the queue ends a task that takes longer than fourteen: its mails are in doubt.
TURN_S = 120.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a window, and why it broke off.

    `trouble` goes by itself; what is `fatal` somebody has to mend; an `unwritten` journal is
    looked at again by the clock. `yields` where something urgent waits. `stuck` where nothing
    became of any message: once, an old line may be to blame, but the window after it must get on.
    """

    outcomes: Sequence[Outcome] = ()
    served: bool = False
    trouble: str = ""
    fatal: str = ""
    unwritten: str = ""
    yields: bool = False
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class _Taken:
    """A window, when its lease began on the monotonic clock, and its variant if it is at hand."""

    window: Window
    began: float
    printed: Printed | None


def send_batch(carrier: Carrier, edition_id: int, no: int) -> None:
    """Send what is left of a batch, if it may be had; running it twice or late is harmless.

    Side effects: mail, the journal, outcomes. Without a relay the batch is put back, and after
    three tries in a row editions are paused until one answers; a template that does not render
    pauses the edition; all say so at the desk. What is urgent goes between two windows. Raises
    the database's error where that is away for long: the journal then stays, for `recover`.
    """
    turn_ends = time.monotonic() + TURN_S
    if not _send_batch(carrier, edition_id, no, turn_ends):
        return
    runtime = carrier.runtime
    send_due_letters(runtime)
    now = runtime.clock()
    with runtime.sessions.read() as session:
        alerts = alert_batches(session, now, now)
    for alert in alerts:
        if time.monotonic() > turn_ends:
            break
        _send_batch(carrier, *alert, turn_ends)


def _send_batch(carrier: Carrier, edition_id: int, no: int, turn_ends: float) -> bool:
    """Send it; whether it was left because something urgent waits."""
    runtime = carrier.runtime
    # A journal knows more than a lease that lapsed, and so does whoever still holds one.
    recover(runtime, f"{edition_id}-{no}")
    alive = alive_here(runtime, f"{edition_id}-{no}")
    worker = uuid4().hex
    try:
        journal = Journal(runtime.settings.journal_folder, edition_id, no, worker)
    except OSError as error:
        _hold_for_journal(carrier, edition_id, error)
        return False
    with journal:
        begun = _begin(carrier, edition_id, no, worker, alive)
        carrier.way.told()
        return begun is not None and _send_windows(carrier, *begun, journal, turn_ends)


def _begin(
    carrier: Carrier, edition_id: int, no: int, worker: str, alive: Collection[str]
) -> tuple[Claim, _Taken | None] | None:
    """Claim the batch and take its first window, in one transaction.

    None where another has it, or nothing may or can be sent; the sweep says why.
    """
    if carrier.stopping:
        return None
    runtime = carrier.runtime
    began, now = time.monotonic(), runtime.clock()
    with runtime.sessions.begin() as session:
        if settle_here(session, runtime.settings, now):
            return None
        carrier.way.exchange(session, (), now)
        if carrier.way.relay is None:
            return None
        claim = claim_batch(session, edition_id, no, worker, now, alive=alive)
        if claim is None:
            return None
        answer = ask(session, claim, now)
        return claim, _take(carrier, session, claim, answer, began=began, now=now)


def _send_windows(
    carrier: Carrier, claim: Claim, taken: _Taken | None, journal: Journal, turn_ends: float
) -> bool:
    """Send window after window; whether the rest was left because something urgent waits."""
    sent = Sent()
    while taken is not None and taken.window.readers:
        try:
            sent = _send_window(carrier, claim, taken, journal, stuck=sent.stuck)
        except LeaseLostError:
            log.warning("edition %s, batch %s was taken over", claim.edition_id, claim.no)
            return False
        left = len(taken.window.readers) - len(sent.outcomes)
        step = partial(_step, carrier, claim, sent, left, turn_ends=turn_ends)
        taken = patiently(step, give_up=lambda: carrier.stopping)
        carrier.way.told()
    return sent.yields


def _step(
    carrier: Carrier, claim: Claim, sent: Sent, left: int, *, turn_ends: float
) -> _Taken | None:
    """Between two windows, in one transaction: outcomes in, next readers out.

    So many of the window are `left`: nothing became of their messages.
    """
    began, now = time.monotonic(), carrier.runtime.clock()
    with carrier.runtime.sessions.begin() as session:
        answer = _record(carrier, session, claim, sent, left=left, now=now)
        edition_id = claim.edition_id
        if sent.fatal:
            put_back(session, claim)
            hold_edition(session, edition_id, sent.fatal, now=now)
        elif sent.unwritten:
            put_back(session, claim)
            until = now + LOOK_AGAIN
            hold_edition(session, edition_id, sent.unwritten, now=now, resume_at=until)
        elif sent.trouble:
            put_back(session, claim, not_before=now + FIRST_WAIT)
            note_trouble(session, edition_id, sent.trouble)
            hold_if_lasting(session, carrier.runtime.settings, now)
        elif carrier.stopping:
            put_back(session, claim)
        elif sent.yields or time.monotonic() > turn_ends:
            put_back(session, claim)
            wake_batch(session, edition_id, claim.no)
        else:
            return _take(carrier, session, claim, answer, began=began, now=now)
    return None


def _record(
    carrier: Carrier, session: Session, claim: Claim, sent: Sent, *, left: int, now: datetime
) -> Answer | None:
    """Ask how the batch stands, and write what became of the window: also of a batch that is lost.

    Asked first, so that all who change a batch and its deliveries lock them in the same order, and
    once more where the outcomes may have changed the answer. Destinations come before relays.
    """
    answer = ask(session, claim, now)
    strikes, troubled = (answer.strikes, answer.relays) if answer else (True, True)
    if record_outcomes(session, claim, sent.outcomes, now, strikes=strikes) and answer:
        answer = ask(session, claim, now)
    give_back(session, left, now)
    serving = carrier.lines.serving if sent.served else ()
    carrier.way.exchange(session, serving, now, troubled=troubled)
    return answer


def _take(
    carrier: Carrier,
    session: Session,
    claim: Claim,
    answer: Answer | None,
    *,
    began: float,
    now: datetime,
) -> _Taken | None:
    """The next window; None where the batch was taken over."""
    if answer is None:
        return None
    window = next_window(session, claim, answer, now, lines=carrier.lines.most)
    printed = carrier.press.at_hand(claim.edition_id, window.variant_id, answer.news)
    return _Taken(window, began, printed)


def _hold_for_journal(carrier: Carrier, edition_id: int, error: OSError) -> None:
    words = journal_words(carrier.runtime.settings.journal_folder, error)
    now = carrier.runtime.clock()
    with carrier.runtime.sessions.begin() as session:
        hold_edition(session, edition_id, words, now=now, resume_at=now + LOOK_AGAIN)


def _send_window(
    carrier: Carrier, claim: Claim, taken: _Taken, journal: Journal, *, stuck: bool
) -> Sent:
    """Print a window and hand it over."""
    try:
        printed = taken.printed or _print(carrier, claim, taken.window)
    except (TemplateBrokenError, RefusedError, ConfigurationError) as error:
        return Sent(fatal=str(error))
    wait(taken.window.wait_s, lambda: not carrier.stopping)
    return _hand_over(carrier, claim, printed, taken, journal, stuck=stuck)


def _print(carrier: Carrier, claim: Claim, window: Window) -> Printed:
    def look() -> Printed:
        with carrier.runtime.sessions.read() as session:
            return carrier.press.print_variant(session, claim.edition_id, window.variant_id)

    return patiently(look, give_up=lambda: carrier.stopping)


def _hand_over(
    carrier: Carrier,
    claim: Claim,
    printed: Printed,
    taken: _Taken,
    journal: Journal,
    *,
    stuck: bool,
) -> Sent:
    """Hand a window over, as long as its watch lets messages go out."""
    watch = Watch(carrier.runtime, claim, began=taken.began, stopping=lambda: carrier.stopping)
    window = taken.window
    books = Books(journal, window.readers, watch.may_offer)
    made = partial(Sent, books.outcomes)
    slow = [
        Slow(_offers(carrier, printed, group.readers, books), group.most) for group in window.groups
    ]
    try:
        hand_over(carrier.lines, _offers(carrier, printed, window.others, books), books, slow=slow)
    except UnavailableError as error:
        return made(served=books.served, trouble=str(error))
    except RefusedError as error:
        return made(fatal=str(error))
    if books.refusal is not None:
        return made(served=True, fatal=_refused(books.refusal, printed.sender))
    if books.unwritten is not None:
        words = journal_words(carrier.runtime.settings.journal_folder, books.unwritten)
        return made(served=books.served, unwritten=words)
    if books.is_stuck and stuck:
        books.put_off()
    return made(served=books.served, yields=watch.urgent, stuck=books.is_stuck)


def _refused(refusal: Reply, sender: str) -> str:
    """What everybody's mail was refused for, and what to do."""
    if refusal.stage == "message":
        return f"{refusal.text} Have it take more, then resume; or stop this edition."
    said = f"{refusal.code} {refusal.text}"
    return f"The mail server refuses the sender {sender}: {said}. Mend that, then resume."


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
        return_path = carrier.press.return_path(printed, reader)
        yield Offer(reader.subscriber_id, return_path, reader.address, message)
