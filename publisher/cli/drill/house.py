"""A newsroom for a drill: a folder of its own, a worker and beat, readers, and a mail server."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from publisher.cli.drill.cast import found_newsletter, invent_stories, subscribe
from publisher.cli.drill.sink import HOST, Sink, read_record
from publisher.cli.drill.trap import Trap
from publisher.cli.newsroom import prepare, programs
from publisher.cli.supervisor import Program, Supervisor
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow, EditionState
from publisher.errors import PublisherError, UnavailableError
from publisher.settings import Settings, load_settings
from publisher.store import Runtime, open_runtime, utc_now

MESSAGE_TAKES_S = 0.003  # or an edition would be over before its worker can be killed
OPEN = (EditionState.HOLDING, EditionState.SENDING)
PATIENCE_S = 120.0
_TICK_S = 0.02


class InterruptedDrillError(PublisherError):
    """Somebody asked to stop."""


@dataclass(slots=True)
class House:
    """Where a drill takes place; `editions` are those that were sent, the last ones perhaps still.

    `readers` are the addresses that should have each of them.
    """

    runtime: Runtime
    children: Supervisor
    worker: Program
    sink: Sink
    trap: Trap
    readers: tuple[str, ...]
    told: threading.Event
    editions: list[int] = field(default_factory=list)
    _given_up: int = 0

    @property
    def trace(self) -> Path:
        """Where strace writes what it did."""
        return self.runtime.settings.home / "log" / "trace"

    def launch(self) -> None:
        """Send one more edition, with new stories for everybody."""
        if not self.is_sending():
            self._given_up += self.left()  # what has not come until now is uncertain for good
        now = self.runtime.clock()
        with self.runtime.sessions.begin() as session:
            newsletter, by = invent_stories(session, len(self.editions), now)
            edition = create_edition(session, NewEdition(newsletter), by=by, now=now)
            send(session, edition, hold=timedelta(0), by=by, now=now)
            self.editions.append(edition.id or 0)

    def is_sending(self) -> bool:
        """Whether an edition still has something to do."""
        open_ones = select(EditionRow.id).where(
            col(EditionRow.id).in_(self.editions), col(EditionRow.state).in_(OPEN)
        )
        with self.runtime.sessions.read() as session:
            return session.exec(open_ones).first() is not None

    def taken(self) -> int:
        """How many messages the mail server has."""
        return len(read_record(self.sink.record))

    def left(self) -> int:
        """How many messages are still to come, if none of them gets lost."""
        return len(self.editions) * len(self.readers) - self._given_up - self.taken()

    def uncertain(self) -> int:
        """How many deliveries the rows call uncertain."""
        statement = select(sa.func.count()).where(col(DeliveryRow.state) == DeliveryState.UNCERTAIN)
        with self.runtime.sessions.read() as session:
            return session.exec(statement).one()

    def until(self, come: Callable[[], bool], what: str) -> None:
        """Wait for it; raises InterruptedDrillError, or UnavailableError after two minutes."""
        limit = time.monotonic() + PATIENCE_S
        while not come():
            if self.told.wait(_TICK_S):
                raise InterruptedDrillError("Stopped before the end; no process is left.")
            if time.monotonic() > limit:
                logs = self.children.log("worker").parent
                raise UnavailableError(
                    f"Waited {PATIENCE_S:.0f} seconds in vain for {what}. The logs are in {logs}"
                )


@contextmanager
def house_open(readers: int, told: threading.Event) -> Iterator[House]:
    """Open it in a new folder, beat already at work.

    The folder stays where anything is raised, except when told to stop.
    """
    home = Path(tempfile.mkdtemp(prefix="publisher-drill-"))
    try:
        with _opened(home, readers, told) as house:
            yield house
    except InterruptedDrillError:
        shutil.rmtree(home, ignore_errors=True)
        raise
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _opened(home: Path, readers: int, told: threading.Event) -> Iterator[House]:
    with ExitStack() as stack:
        trap = Trap()
        record = home / "accepted"
        sink = stack.enter_context(Sink(record, utc_now, trap.notice, delay_s=MESSAGE_TAKES_S))
        values = _settings(home, sink.port)
        runtime = open_runtime(load_settings(**values))
        stack.callback(runtime.sessions.close)
        prepare(runtime)
        addresses = _people(runtime, readers)
        worker, beat = _programs(runtime.settings, values)
        children = Supervisor([worker, beat], home / "log")
        stack.callback(children.stop)
        stack.callback(trap.take_away)
        children.start(beat.name)
        yield House(runtime, children, worker, sink, trap, addresses, told)


def _settings(home: Path, sink_port: int) -> dict[str, Any]:
    """Every setting by name, most at their default, so that no variable of the caller's counts."""
    defaults = {name: setting.default for name, setting in Settings.model_fields.items()}
    return defaults | {
        "home": home,
        "base_url": f"http://{HOST}:8000",
        "site_name": "The Drill",
        "postal_address": "The Drill, 1 Quay Street, Port Ellery",
        "mailbox_port": sink_port,
    }


def _programs(settings: Settings, values: dict[str, Any]) -> list[Program]:
    found = {program.name: program for program in programs(settings, web_port=0)}
    return [
        replace(found[name], settings=values | dict(found[name].settings))
        for name in ("worker", "beat")
    ]


def _people(runtime: Runtime, count: int) -> tuple[str, ...]:
    with runtime.sessions.begin() as session:
        found_newsletter(session, runtime.clock())
        secret = runtime.settings.secret_key.get_secret_value()
        return tuple(subscribe(session, count, key=secret, now=runtime.clock()))
