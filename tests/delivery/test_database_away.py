"""The database goes away while an edition is sent: nobody is missed, nobody is mailed twice."""

import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Self

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from publisher import queue
from publisher.delivery import patience
from publisher.delivery.send import send_batch
from publisher.delivery.sweep import sweep
from publisher.editions.models import EditionState
from publisher.settings import load_settings
from publisher.store import open_runtime, utc_now
from publisher.store.upgrade import upgrade
from tests.services.postgres import address_of, start_again, start_server
from tests.services.runtimes import SECRET_KEY, Clock, point_queue_at
from tests.services.server import Server
from tests.services.smtp import SmtpServer
from tests.stories.waiting import until
from tests.world import World

READERS = 120
AWAY_S = 20.0


class Machine:
    """A newsroom on a PostgreSQL of its own, which can be cut off and started again."""

    world: World

    def __init__(self, server: Server) -> None:
        self.server = server

    def open(self, until_the_end: ExitStack, home: Path, mail: SmtpServer) -> None:
        """Begin with an empty database."""
        settings = load_settings(
            home=home,
            secret_key=SECRET_KEY,
            database_url=address_of(self.server.folder).render_as_string(hide_password=False),
            smtp_host=mail.host,
            smtp_port=mail.port,
            smtp_connections=1,
        )
        upgrade(settings)
        runtime = open_runtime(settings, utc_now)
        until_the_end.callback(runtime.sessions.close)
        point_queue_at(runtime.settings)
        self.world = World(runtime)
        until_the_end.callback(self.world.carrier.hang_up)
        _fill(self.world)

    def cut_off(self) -> None:
        """What `pg_ctl stop -m immediate` does: no goodbye, recovery at the next start."""
        self.server.process.send_signal(signal.SIGQUIT)
        self.server.process.wait(20)

    def bring_back(self) -> None:
        self.server = start_again(self.server)

    def end(self) -> None:
        self.server.stop()


@pytest.fixture
def machine(tmp_path: Path, smtp_server: SmtpServer) -> Iterator[Machine]:
    """The newsroom, its readers and a story."""
    with ExitStack() as until_the_end:
        machine = Machine(start_server(durable=True))  # or a crash forgets commits
        until_the_end.callback(machine.end)
        machine.open(until_the_end, tmp_path / "home", smtp_server)
        yield machine


def test_a_database_that_crashes_and_is_away_for_a_while_costs_nobody_a_mail(
    machine: Machine, smtp_server: SmtpServer
) -> None:
    smtp_server.delay_s = 0.02
    edition = machine.world.digest()
    with _in_the_background(lambda: machine.world.send_all(edition)) as sending:
        until("half of it is sent", lambda: len(smtp_server.messages) >= READERS // 2)
        machine.cut_off()
        gone_at = time.monotonic()
        until("the window ends", lambda: len(smtp_server.messages) == 100)
        time.sleep(max(0.0, gone_at + AWAY_S - time.monotonic()))
        assert sending.thread.is_alive()
        assert len(smtp_server.messages) == 100
        machine.bring_back()

    assert sending.error is None
    _assert_each_once(machine.world, edition, smtp_server)
    assert machine.world.report(edition).accepted == READERS


def test_a_worker_that_gave_up_waiting_leaves_its_journal_to_the_next_sweep(
    machine: Machine, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE_S", 0.5)
    smtp_server.delay_s = 0.02
    edition = machine.world.digest()
    with _in_the_background(lambda: machine.world.send_all(edition)) as sending:
        until("half of it is sent", lambda: len(smtp_server.messages) >= READERS // 2)
        machine.cut_off()
    assert isinstance(sending.error, OperationalError)
    handed_over = len(smtp_server.messages)
    with pytest.raises(OperationalError):
        send_batch(machine.world.carrier, edition, 0)
    assert len(smtp_server.messages) == handed_over

    machine.bring_back()
    sweep(machine.world.runtime)
    report = machine.world.report(edition)
    assert (report.accepted, report.uncertain, report.queued) == (handed_over, 0, READERS - 100)
    machine.world.send_all(edition)
    _assert_each_once(machine.world, edition, smtp_server)


def test_a_task_whose_database_is_away_ends_in_one_line(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    def look() -> None:
        with machine.world.runtime.sessions.read() as session:
            session.execute(sa.text("SELECT 1"))

    task = queue.app.task(look, name="tests.look", lazy=False)
    machine.cut_off()
    assert task() is None
    assert "tests.look is left for later, the database is away" in caplog.text
    assert "Traceback" not in caplog.text
    machine.bring_back()
    assert task() is None


@pytest.fixture
def on_sqlite(
    tmp_path: Path, migrated_sqlite: Path, smtp_server: SmtpServer, clock: Clock
) -> Iterator[World]:
    """The same newsroom on SQLite, where a writer is not waited for."""
    (tmp_path / "home").mkdir()
    shutil.copy(migrated_sqlite, tmp_path / "home" / "publisher.db")
    settings = load_settings(
        home=tmp_path / "home",
        secret_key=SECRET_KEY,
        smtp_host=smtp_server.host,
        smtp_port=smtp_server.port,
        smtp_connections=1,
    )
    runtime = open_runtime(settings, clock)
    point_queue_at(runtime.settings)
    sa.event.listen(runtime.sessions.engine, "connect", _never_wait)
    world = World(runtime)
    _fill(world)
    yield world
    world.carrier.hang_up()
    runtime.sessions.close()


def test_a_sqlite_that_stays_locked_is_waited_for(
    on_sqlite: World, smtp_server: SmtpServer
) -> None:
    smtp_server.delay_s = 0.02
    edition = on_sqlite.digest()
    path = on_sqlite.runtime.settings.home / "publisher.db"
    with (
        _in_the_background(lambda: on_sqlite.send_all(edition)) as sending,
        closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as other,
    ):
        until("a few are sent", lambda: len(smtp_server.messages) >= 10)
        other.execute("BEGIN IMMEDIATE")
        until("the window ends", lambda: len(smtp_server.messages) == 50)
        time.sleep(2)
        assert len(smtp_server.messages) == 50
        other.execute("ROLLBACK")

    assert sending.error is None
    _assert_each_once(on_sqlite, edition, smtp_server)


def test_a_database_that_is_full_loses_no_answer_and_goes_on_when_there_is_room(
    on_sqlite: World, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE_S", 0.5)
    edition = on_sqlite.digest()
    full = _Full(on_sqlite)
    smtp_server.after_data = lambda _: full.from_now_on(after=60)
    with pytest.raises(OperationalError, match="full"):
        on_sqlite.send_all(edition)
    assert len(smtp_server.messages) == 100
    assert len(list(on_sqlite.runtime.settings.journal_folder.iterdir())) == 1

    full.no_more()
    sweep(on_sqlite.runtime)
    on_sqlite.send_all(edition)
    _assert_each_once(on_sqlite, edition, smtp_server)


class _Full:
    """Lets every outcome of an edition fail as on a full disk, from a chosen message on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._messages = 0
        self._is_full = False
        sa.event.listen(world.runtime.sessions.engine, "before_cursor_execute", self._refuse)

    def from_now_on(self, *, after: int) -> None:
        self._messages += 1
        self._is_full = self._is_full or self._messages >= after

    def no_more(self) -> None:
        sa.event.remove(self._world.runtime.sessions.engine, "before_cursor_execute", self._refuse)

    def _refuse(self, *_: object) -> None:
        if self._is_full:
            raise sqlite3.OperationalError("database or disk is full")


def test_an_answer_that_the_rows_could_not_take_is_in_the_journal(
    on_sqlite: World, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the number of tries that the row had, though the journal knows only codes."""
    edition = on_sqlite.digest()
    with on_sqlite.runtime.sessions.begin() as session:
        session.execute(sa.text("UPDATE delivery SET attempts = 3"))
    first = "reader0000@reader.example"
    smtp_server.refuse = {first: "451 4.3.0 later"}
    with monkeypatch.context() as patch:
        patch.setattr(patience, "PATIENCE_S", 0.0)
        patch.setattr("publisher.delivery.send.record_outcomes", _fail_once_there_are_some)
        with pytest.raises(OperationalError):
            on_sqlite.send_all(edition)
    sweep(on_sqlite.runtime)

    statement = "SELECT state, code, attempts, next_at IS NOT NULL FROM delivery"
    with on_sqlite.runtime.sessions.read() as session:
        rows = session.execute(sa.text(f"{statement} ORDER BY subscriber_id LIMIT 2")).all()
    assert [tuple(row) for row in rows] == [("deferred", 451, 4, 1), ("accepted", 250, 4, 0)]


def _fail_once_there_are_some(
    _session: object, _claim: object, outcomes: list[object], _now: object, **_: object
) -> None:
    if outcomes:
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("away"))


def _never_wait(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout = 100")


class _in_the_background:  # noqa: N801 - reads as a phrase
    """Run it in a thread; what it raised is kept."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._act = act
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join(90)
        assert not self.thread.is_alive()

    def _run(self) -> None:
        try:
            self._act()
        except Exception as error:  # noqa: BLE001 - looked at by the test
            self.error = error


def _fill(world: World) -> None:
    world.newsletter()
    world.readers(READERS)
    world.story("ferry")


def _assert_each_once(world: World, edition: int, server: SmtpServer) -> None:
    assert sorted(server.recipients()) == sorted(set(server.recipients()))
    assert len(server.messages) == READERS
    assert world.row(edition).state == EditionState.SENT
    assert world.report(edition).accepted == READERS
    assert list(world.runtime.settings.journal_folder.iterdir()) == []
