"""What a worker's process has for itself: its runtime, and its press and connection."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

from sqlalchemy.exc import InterfaceError, OperationalError

from publisher.delivery.carrier import Carrier
from publisher.queue import configure, on_fork
from publisher.settings import load_settings
from publisher.store import Runtime, open_runtime

log = logging.getLogger(__name__)


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

    The task is over at once, so the process takes the next one however slow they are. What is lost
    with the process is in the rows, under a claim that ends.
    """
    _threads_of(servers, threads).submit(_logged, servers, work)


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


def _start_afresh() -> None:
    """A forked process must not use its parent's connections."""
    if runtime.cache_info().currsize:
        runtime().sessions.after_fork()
    carrier.cache_clear()
    runtime.cache_clear()
    _threads_of.cache_clear()


on_fork(_start_afresh)
