"""A worker and beat, as in production, for one newsroom of a bench."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.broken import BrokenRunError
from bench.houses import House
from publisher.cli.supervisor import Program, Supervisor

_READY_S = 60.0
_LOOK_S = 0.1
_SETTLE_S = 0.3


@contextmanager
def staff_of(house: House) -> Iterator[int]:
    """Worker and beat, ready; gives the worker's process id."""
    worker = Program("worker", ("worker",), house.values, signal.SIGQUIT)
    beat = Program("beat", ("beat",), house.values)
    with Supervisor([worker, beat], house.runtime.settings.home / "log") as children:
        limit = time.monotonic() + _READY_S
        while " ready." not in children.last_words("worker", 100):
            if children.ended() or time.monotonic() > limit:
                raise BrokenRunError(f"no worker came up:\n{children.last_words('worker')}")
            time.sleep(_LOOK_S)
        time.sleep(_SETTLE_S)
        yield children.pid("worker")
