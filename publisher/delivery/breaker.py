"""The circuit breaker: what stops all mail is tried again by the clock, and editions wait for it.

While no relay can be had, or this place may not send, every edition is paused with the reason.
The sweep looks whether that is over and resumes what the clock has paused, never what an editor
has.
"""

import logging
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import CLOCK, Actor
from publisher.delivery.environment import why_not_here
from publisher.delivery.hold import hold_all, is_due, wait_longer
from publisher.delivery.relay import relays_of
from publisher.delivery.relay_health import (
    no_relay,
    note_probe,
    rows_of,
    take_probe,
    try_at_once,
)
from publisher.editions.commands import resume
from publisher.editions.models import EditionRow, EditionState
from publisher.errors import UnavailableError
from publisher.mail.smtp import Relay, connect
from publisher.settings import Settings
from publisher.store import Runtime

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=1)
PROBE_S = 15.0
_PROBE_TAKES = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps all mail back, and when to look again; `lasting` pauses what is being sent."""

    reason: str
    until: datetime
    lasting: bool = True


def mend(runtime: Runtime) -> None:
    """Try relays whose time has come; pause what cannot get on and resume what can."""
    for relay in relays_of(runtime.settings):
        _probe_if_due(runtime, relay)
    with runtime.sessions.begin() as session:
        now = runtime.clock()
        obstacle = hold_if_lasting(session, runtime.settings, now)
        _go_on(session, runtime.settings, obstacle, now)


def hold_if_lasting(session: Session, settings: Settings, now: datetime) -> Obstacle | None:
    """Pause all that is being sent where it cannot get on for longer; what keeps it back."""
    obstacle = obstacle_of(session, settings, now)
    if obstacle is not None and obstacle.lasting:
        hold_all(session, obstacle.reason, now=now, resume_at=obstacle.until)
    return obstacle


def obstacle_of(session: Session, settings: Settings, now: datetime) -> Obstacle | None:
    """Why nothing at all can be sent at present; None where it can be tried."""
    locked = why_not_here(session, settings)
    if locked:
        return Obstacle(locked, now + LOOK_AGAIN)
    missing = no_relay(session, relays_of(settings))
    if missing is not None:
        return Obstacle(missing.reason, max(missing.next_at, now), lasting=missing.lasting)
    return None


def why_no_journal(folder: Path) -> str:
    """Why the journal cannot be written; empty where it can.

    Side effect: writes a few bytes into the folder and takes them away.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"S 1\n" * 1024)
            file.flush()
    except OSError as error:
        return journal_words(folder, error)
    return ""


def journal_words(folder: Path, error: OSError) -> str:
    """What to say at the desk about a journal that cannot be written."""
    return (
        f"The journal in {folder.absolute()} cannot be written ({error.strerror or error}), and "
        "nothing is sent without it. Free some space there, or let Publisher write to it."
    )


def resume_by_hand(session: Session, edition: EditionRow, *, by: Actor, now: datetime) -> None:
    """Resume the edition, and have a relay that is away tried at once, not when it is due."""
    resume(session, edition, by=by, now=now)
    try_at_once(session, now)


def _go_on(session: Session, settings: Settings, obstacle: Obstacle | None, now: datetime) -> None:
    """Resume the editions that are due, or have them wait for the next look."""
    due = select(EditionRow).where(is_due(now)).order_by(col(EditionRow.id)).with_for_update()
    editions = session.exec(due).all()
    if not editions:
        return
    journal = "" if obstacle else why_no_journal(settings.journal_folder)
    if journal:
        obstacle = Obstacle(journal, now + LOOK_AGAIN)
    if obstacle is not None:
        until = max(obstacle.until, now + timedelta(seconds=1))
        wait_longer(session, obstacle.reason, now=now, resume_at=until)
        return
    for edition in editions:
        resume(session, edition, by=CLOCK, now=now)


def _probe_if_due(runtime: Runtime, relay: Relay) -> None:
    """Try a relay that is away, if it is time and nobody else does."""
    with runtime.sessions.read() as session:
        row = rows_of(session, [relay]).get(relay.place)
    now = runtime.clock()
    if row is None or row.not_before is None or row.not_before > now:
        return
    with runtime.sessions.begin() as session:
        if not take_probe(session, relay.place, now + _PROBE_TAKES, now):
            return
    reason = _why_away(relay)
    with runtime.sessions.begin() as session:
        note_probe(session, relay.place, reason, runtime.clock())
        if not reason:
            _forget_trouble(session, relay)
    log.info("%s %s", relay.named, "answers again" if not reason else "is still away")


def _why_away(relay: Relay) -> str:
    """Connect and sign in; what was wrong with that, or nothing."""
    try:
        connect(replace(relay, timeout_s=min(relay.timeout_s, PROBE_S))).close()
    except UnavailableError as error:
        return str(error)
    return ""


def _forget_trouble(session: Session, relay: Relay) -> None:
    """Editions that were not paused yet need not speak of this relay any more."""
    session.execute(
        sa.update(EditionRow)
        .where(
            col(EditionRow.state) == EditionState.SENDING,
            col(EditionRow.reason).startswith(relay.named, autoescape=True),
        )
        .values(reason=None)
    )
