"""The Celery app: its configuration, how work is woken, how workers and beat are started.

Rows are the truth and messages are hints: a message that is lost, doubled or late changes nothing
but the moment at which work is done.
"""

import logging
import math
import os
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from queue import Empty
from threading import Event
from typing import Any
from uuid import uuid4

from celery import Celery, Task
from celery.signals import worker_process_init, worker_process_shutdown, worker_ready
from kombu import Queue
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads
from sqlalchemy import event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session

from publisher.settings import Settings

log = logging.getLogger(__name__)


class PatientTask(Task):  # type: ignore[type-arg] # generic in the type stubs only
    """A task whose database may be away: that is one line in the log, and the rows keep the work.

    The sweep and the ticks come back every few seconds, which is often enough.
    """

    abstract = True

    def __call__(self, *args: Any, **ids: Any) -> Any:
        """Run it, as Celery does."""
        try:
            return super().__call__(*args, **ids)
        except (OperationalError, InterfaceError) as error:
            log.warning("%s is left for later, the database is away: %s", self.name, error.orig)
            return None


app: "Celery[Any]" = Celery("publisher", set_as_current=True, task_cls=PatientTask)

NOW, BULK, PAGES = "mail.now", "mail.bulk", "pages"
LANES = (NOW, BULK, PAGES)
ROUTES = {
    "publisher.audience.*": {"queue": NOW},
    "publisher.alerts.*": {"queue": NOW},
    "publisher.deliveries.*": {"queue": BULK},
}
_HINTS = "publisher_hints"
_LOOK_UP_S = 0.2
_NEVER_WAIT = {"max_retries": 0, "interval_start": 0}  # of a hint; workers do try again
_EVERY_TICK = ("celery.worker.strategy", "celery.app.trace", "celery.beat")


def configure(settings: Settings) -> Celery:
    """Point the app at the broker that the settings name."""
    _hush(settings)
    app.conf.update(_configuration(settings))
    return app


def wake(session: Session, task: str, **ids: int | str) -> None:
    """Have `task` run once this transaction is committed.

    Never raises and never waits over a second: a hint that cannot be sent is logged, and the
    sweep finds the work in the rows.
    """
    if _HINTS not in session.info:
        session.info[_HINTS] = {}
        event.listen(session, "after_commit", _send_hints)
        event.listen(session, "after_rollback", _drop_hints)
    hints = session.info[_HINTS]
    hints[task, *sorted(ids.items())] = (task, ids)


def wake_now(task: str, **ids: int | str) -> bool:
    """Send a hint outside any transaction; False where the broker did not take it."""
    try:
        app.send_task(task, kwargs=ids, retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - whatever the broker does, a hint may be lost
        log.warning("hint %s not sent, the sweep will find the work: %s", task, error)
        return False
    return True


def on_fork(prepare: Callable[[], None]) -> None:
    """Have `prepare` run first in every process that a worker forks."""
    worker_process_init.connect(lambda **_: prepare(), weak=False)


def on_end(act: Callable[[], object]) -> None:
    """Have every process that a worker forked do `act` last; one ends after 500 tasks."""
    worker_process_shutdown.connect(lambda **_: act(), weak=False)


def on_start(act: Callable[[], object]) -> None:
    """Have a worker do `act` once, as soon as it is ready for work."""
    worker_ready.connect(lambda **_: act(), weak=False)


def run_worker(
    settings: Settings, *, lanes: Sequence[str], processes: int, name: str = "worker"
) -> int:
    """Work on `lanes` until told to stop; returns the exit status.

    Celery's own command line is left out: it takes 10 MB of every process that imports it.
    """
    _load_tasks(settings, lanes)
    worker = app.Worker(
        queues=list(lanes),
        concurrency=max(processes, 1),
        pool="solo" if processes == 0 else "prefork",
        hostname=f"{name}.{os.getpid()}@{socket.gethostname()}",
        loglevel=settings.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return worker.exitcode or 0


def run_beat(settings: Settings) -> int:
    """Tick until told to stop. Two beats are harmless: work is claimed in the rows."""
    _load_tasks(settings, lanes=())  # beat wakes tasks by name
    schedule = settings.home / f"beat-{os.getpid()}"
    try:
        app.Beat(schedule=str(schedule), loglevel=settings.log_level).run()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    finally:
        for leftover in settings.home.glob(f"{schedule.name}*"):
            leftover.unlink(missing_ok=True)
    return 0


def ping_broker(settings: Settings) -> None:
    """Raise whatever the broker's client raises when it cannot be reached within a second."""
    configure(settings)
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)


def _load_tasks(settings: Settings, lanes: Iterable[str]) -> None:
    """Import the tasks of every installed distribution that offers some.

    Of one that says in `BY_LANE` which of its modules a lane needs, no others are imported.
    Before Celery's own loader runs: that one puts the current folder first, where a stranger's
    `tasks.py` would be imported instead of ours.
    """
    configure(settings)
    for entry in entry_points(group="publisher.tasks"):
        by_lane = getattr(entry.load(), "BY_LANE", {})
        for module in {module for lane in lanes for module in by_lane.get(lane, ())}:
            import_module(module)


def _hush(settings: Settings) -> None:
    """Leave out what Celery logs of every task that went well: two ticks a second, all day."""
    if settings.log_level == "info":
        for name in _EVERY_TICK:
            logging.getLogger(name).setLevel(logging.WARNING)


def _send_hints(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint ended; the transaction around it has not
    hints, session.info[_HINTS] = session.info[_HINTS], {}
    for task, ids in hints.values():
        if not wake_now(task, **ids):
            break  # the broker is away: waiting once is enough


def _drop_hints(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_HINTS] = {}


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "broker_url": settings.broker,
        "broker_transport": "publisher.queue:Folder" if _is_folder(settings) else None,
        "broker_transport_options": _transport_options(settings),
        "broker_connection_timeout": 1,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_publish_retry": False,
        "task_queues": [Queue(lane) for lane in LANES],
        "task_default_queue": PAGES,
        "task_routes": ROUTES,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_time_limit": 900,
        "task_soft_time_limit": 840,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 500,
        "worker_max_memory_per_child": 400_000,
        # a batch that is being sent goes on without its broker: its claim is in the rows
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_soft_shutdown_timeout": 4,
        "worker_enable_soft_shutdown_on_idle": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_enable_remote_control": False,
        "worker_eta_task_limit": 1000,
        "beat_max_loop_interval": 1,
        "timezone": "UTC",
        "result_expires": timedelta(hours=1),
    }


def _transport_options(settings: Settings) -> dict[str, Any]:
    if _is_folder(settings):
        folder = settings.queue_folder.absolute()
        return {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "processed_folder": str(folder / "done"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.05,
        }
    if settings.broker.startswith("redis"):
        return {
            # What a lost worker had taken is found in the rows, in seconds. And a worker whose
            # acknowledgements fail, because Redis restarts, would never take a message again.
            "ack_emulation": False,
            "health_check_interval": 25,
            "socket_keepalive": True,
            "socket_connect_timeout": 1,
            "socket_timeout": 1,
            **_NEVER_WAIT,
        }
    return {"confirm_publish": True, **_NEVER_WAIT}


def _is_folder(settings: Settings) -> bool:
    return settings.broker.startswith("filesystem")


class _FolderChannel(filesystem.Channel):
    """kombu's messages in a folder, each there whole or not at all.

    kombu itself writes into files that a worker may be reading already, and half a message (from
    a full disk, too) ends the worker.
    """

    connection: "Folder"

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time.monotonic_ns():020}_{uuid4()}.{queue}.msg"
        try:
            unfinished = folder / f"{name}.part"
            unfinished.write_text(dumps(payload), encoding="utf-8")
            unfinished.replace(folder / name)
        except OSError as error:
            raise ChannelError(f"{folder} does not take messages: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - as in kombu
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            try:
                text = path.read_text(encoding="utf-8")
                path.unlink()
            except FileNotFoundError:
                continue  # another worker was quicker
            try:
                return loads(text)
            except ValueError:
                log.warning("%s was no message; the sweep will find the work", path.name)
        raise Empty

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002
        """A process is done with its message: there is room for another."""
        super().basic_ack(delivery_tag, multiple)
        self.connection.has_room.set()


class Folder(filesystem.Transport):
    """The embedded broker: kombu's, with `_FolderChannel`, and quick to hear that it must stop.

    kombu itself sleeps between two looks into the folder, also while a process that could go on
    waits for its next message.
    """

    Channel = _FolderChannel

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self.has_room = Event()

    def drain_events(  # type: ignore[override]
        self, connection: Any, timeout: float | None = None
    ) -> None:
        """Wait for a message, at most a moment; a worker that idles here looks up then.

        Raises TimeoutError where none came; without a timeout it waits for ever.
        """
        ends = time.monotonic() + (math.inf if timeout is None else min(timeout, _LOOK_UP_S))
        while True:
            self.has_room.clear()
            try:
                super().drain_events(connection, timeout=0)
            except TimeoutError:
                left = ends - time.monotonic()
                if left <= 0:
                    raise
                self.has_room.wait(min(self.polling_interval or _LOOK_UP_S, left))
            else:
                return
