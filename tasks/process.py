"""What a worker's process has for itself: its runtime, and its press and connection."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache, partial

from sqlalchemy.exc import InterfaceError, OperationalError

from publisher.delivery.carrier import Carrier
from publisher.queue import configure, on_end, on_fork, on_start, wake_now
from publisher.settings import load_settings
from publisher.store import Runtime, open_runtime

log = logging.getLogger(__name__)

LAST_S = 3.0  # less than a worker has to stop in
_under_way: "set[Future[None]]" = set()


@cache
def runtime() -> Runtime:
    """This process's runtime, made at first use.

    Where processes are not forked (macOS) a new one knows nothing of the broker, either.
    """
    settings = load_settings()
    configure(settings)
    return open_runtime(settings)


@cache
def carrier() -> Carrier:
    """This process's press and its way to the relay, made at first use."""
    return Carrier(runtime())


@contextmanager
def ending_kindly() -> Iterator[Carrier]:
    """The carrier for one batch. Told to end meanwhile, the process ends after the message.

    Celery's own way would cut the connection in the middle of it: nobody would know then whether
    its reader has it.
    """
    sender = carrier()
    sender.stopping = False
    before = signal.signal(signal.SIGTERM, lambda *_: sender.stop())
    try:
        yield sender
    finally:
        signal.signal(signal.SIGTERM, before)
        if sender.stopping:
            os.kill(os.getpid(), signal.SIGTERM)


def beside(servers: str, work: Callable[[], object], *, threads: int = 1) -> None:
    """Do the work that waits for servers of other people in threads that are theirs alone.

    The task is over at once, so the process takes the next one however slow they are. A process
    that ends waits a moment for what is under way; what is lost with it is in the rows, under a
    claim that ends.
    """
    future = _threads_of(servers, threads).submit(_logged, servers, work)
    _under_way.add(future)
    future.add_done_callback(_under_way.discard)


@cache
def _threads_of(servers: str, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix=servers)


def _logged(servers: str, work: Callable[[], object]) -> None:
    try:
        work()
    except (OperationalError, InterfaceError) as error:
        log.warning("what %s was to get waits, the database is away: %s", servers, error.orig)
    except Exception:
        log.exception("what %s was to get is left for later", servers)


def _finish() -> None:
    """Most servers answer in no time; a claim that is lost is waited for fifteen seconds."""
    wait(set(_under_way), timeout=LAST_S)


def _start_afresh() -> None:
    """A forked process must not use its parent's connections."""
    _under_way.clear()
    if runtime.cache_info().currsize:
        runtime().sessions.after_fork()
    carrier.cache_clear()
    runtime.cache_clear()
    _threads_of.cache_clear()


on_fork(_start_afresh)
on_start(partial(wake_now, "publisher.upkeep.sweep"))  # whatever its lanes are
on_end(_finish)
