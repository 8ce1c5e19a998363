"""Sends letters: each is claimed in its row, handed to the relay, and its outcome written back.

A letter may go out twice: when a worker dies, or the line breaks, after the relay took it and
before we know. It is then sent again with the same Message-ID, because a second question is
harmless where a missing one loses a reader. (Editions never do this.)
"""

import logging
import time
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from publisher.audience.models import LetterRow, LetterState
from publisher.delivery.breaker import obstacle_of
from publisher.delivery.environment import settle_here
from publisher.delivery.letter_mail import Facts, facts_of, message_of, return_path_of
from publisher.delivery.relay_health import FIRST_WAIT
from publisher.delivery.urgent import OPEN_LETTERS
from publisher.delivery.way import Way
from publisher.errors import PublisherError, UnavailableError
from publisher.mail.dkim import sign
from publisher.mail.keyring import Keyring
from publisher.mail.smtp import Connection, Reply
from publisher.pages.environment import environment
from publisher.store import Runtime

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
PATIENCE = 3
ROUND_S = 120.0  # a letter more takes a minute, and the queue ends a task after fourteen


def send_letter(runtime: Runtime, letter_id: int) -> LetterState | None:
    """Send one letter if it is due and nobody else has it; what became of it, None if neither.

    Never raises for what relay or templates do: the letter is deferred and the reply kept. While
    no relay can be had it waits in the queue, and that counts as no try.
    """
    way = Way(runtime.settings, answers_s=runtime.settings.smtp_timeout)
    claimed = _claim(runtime, letter_id, way)
    if claimed is None:
        return None
    letter, facts = claimed
    if facts is None:
        reply = Reply("refused", None, "there is nothing left to say", "address")
        return _write(runtime, letter, LetterState.WITHDRAWN, reply, way)
    try:
        connection = _connected(way)
    except UnavailableError as error:
        return _put_back(runtime, letter, way, str(error))
    reply = _send(runtime, facts, connection)
    server = connection.name if reply.code is not None else ""
    return _write(runtime, letter, _state_after(letter, reply), reply, way, served_by=server)


def send_due_letters(runtime: Runtime, limit: int = 500) -> int:
    """Send the letters that are due, oldest first; returns how many the relay took.

    For the sweep: what a lost hint or a dead worker left behind. Stops after three letters that
    had to be put off: the relay is ill then, and waiting for it once is enough; at once where
    there is none; and after two minutes, for whoever asked has other mail to send.
    """
    ends = time.monotonic() + ROUND_S
    due = select(LetterRow.id).where(
        col(LetterRow.state).in_(OPEN_LETTERS), col(LetterRow.next_at) <= runtime.clock()
    )
    with runtime.sessions.read() as session:
        if obstacle_of(session, runtime.settings, runtime.clock()):
            return 0
        ids = session.exec(due.order_by(col(LetterRow.id)).limit(limit)).all()
    states: list[LetterState | None] = []
    for letter_id in ids:
        states.append(send_letter(runtime, letter_id or 0))
        if states[-1] == LetterState.QUEUED or states.count(LetterState.DEFERRED) >= PATIENCE:
            break
        if time.monotonic() > ends:
            break
    return states.count(LetterState.ACCEPTED)


def _claim(runtime: Runtime, letter_id: int, way: Way) -> tuple[LetterRow, Facts | None] | None:
    """One worker gets the letter, for ten minutes; whoever is late finds it taken.

    Nobody does where this place may not send, or while no relay can be had.
    """
    now = runtime.clock()
    claim = (
        sa.update(LetterRow)
        .where(
            col(LetterRow.id) == letter_id,
            col(LetterRow.state).in_(OPEN_LETTERS),
            col(LetterRow.next_at) <= now,
        )
        .values(state=LetterState.SENDING, attempts=LetterRow.attempts + 1, next_at=now + CLAIM)
    )
    with runtime.sessions.begin() as session:
        way.learn(session)
        if way.relay is None or settle_here(session, runtime.settings, now):
            return None
        if session.connection().execute(claim).rowcount == 0:
            return None
        letter = session.get_one(LetterRow, letter_id)
        return letter, facts_of(session, letter)


def _connected(way: Way) -> Connection:
    """A line to the first relay that takes one; raises UnavailableError where none does."""
    while True:
        try:
            return way.open_line()
        except UnavailableError as error:
            if not way.turn(str(error)):
                raise


def _send(runtime: Runtime, facts: Facts, connection: Connection) -> Reply:
    settings = runtime.settings
    try:
        message = message_of(settings, environment(settings), facts)
        signers = Keyring(settings).signers(settings.sender)
        if signers:
            message = sign(signers, message, facts.letter.created_at) + message
        return connection.send(return_path_of(settings, facts), facts.address, message)
    except PublisherError as error:
        log.warning("letter %s is put off: %s", facts.letter.uuid, error)
        return Reply("deferred", None, str(error)[:200], "mail")
    finally:
        connection.close()


def _put_back(runtime: Runtime, letter: LetterRow, way: Way, why: str) -> LetterState:
    """No relay can be had: the letter waits as if nobody had taken it, and all workers know."""
    log.warning("letter %s waits: %s", letter.uuid, why)
    now = runtime.clock()
    waiting = (
        sa.update(LetterRow)
        .where(_is_mine(letter))
        .values(
            state=LetterState.QUEUED,
            attempts=letter.attempts - 1,
            reply=why[:200],
            next_at=now + FIRST_WAIT,
        )
    )
    with runtime.sessions.begin() as session:
        session.connection().execute(waiting)
        way.tell(session, (), now)
    return LetterState.QUEUED


def _state_after(letter: LetterRow, reply: Reply) -> LetterState:
    """Deferred until the pauses are used up; uncertain counts as deferred, see above."""
    if reply.outcome == "accepted":
        return LetterState.ACCEPTED
    if reply.outcome == "refused" or letter.attempts > len(PAUSES):
        return LetterState.REFUSED
    return LetterState.DEFERRED


def _write(
    runtime: Runtime,
    letter: LetterRow,
    state: LetterState,
    reply: Reply,
    way: Way,
    *,
    served_by: str = "",
) -> LetterState:
    """Write the outcome, unless the claim lapsed and another worker has the letter by now."""
    now = runtime.clock()
    outcome = (
        sa.update(LetterRow)
        .where(_is_mine(letter))
        .values(
            state=state,
            code=reply.code,
            reply=reply.text,
            at=now,
            next_at=_next_at(letter, state, now),
        )
    )
    with runtime.sessions.begin() as session:
        session.connection().execute(outcome)
        way.tell(session, (served_by,), now)
    return state


def _is_mine(letter: LetterRow) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(LetterRow.id) == letter.id,
        col(LetterRow.state) == LetterState.SENDING,
        col(LetterRow.attempts) == letter.attempts,
    )


def _next_at(letter: LetterRow, state: LetterState, now: datetime) -> datetime:
    if state != LetterState.DEFERRED:
        return now
    return now + PAUSES[letter.attempts - 1]
