"""Workers and beat, as in production, for one newsroom of a bench."""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.broken import BrokenRunError
from bench.houses import House
from publisher.cli.supervisor import Program, Supervisor

_READY_S = 60.0
_LOOK_S = 0.1
_SETTLE_S = 0.3


@contextmanager
def staff_of(house: House) -> Iterator[Sequence[int]]:
    """Workers and beat, ready; gives the workers' process ids.

    With a broker, as in the compose file: one worker sends editions, with the processes of the
    bench, and another does the rest. Without, as `publisher up` does: one has every lane.
    """
    workers = _by_lane(house) if house.values["broker_url"] else [_worker("worker", house)]
    beat = Program("beat", ("beat",), house.values)
    with Supervisor([*workers, beat], house.runtime.settings.home / "log") as children:
        _wait_for(children, [worker.name for worker in workers])
        time.sleep(_SETTLE_S)
        yield [children.pid(worker.name) for worker in workers]


def _by_lane(house: House) -> list[Program]:
    return [
        _worker("bulk", house, "--queues", "mail.bulk"),
        _worker("rest", house, "--queues", "mail.now,pages", "--processes", "1"),
    ]


def _worker(name: str, house: House, *options: str) -> Program:
    return Program(name, ("worker", *options), house.values, signal.SIGQUIT)


def _wait_for(children: Supervisor, names: Sequence[str]) -> None:
    limit = time.monotonic() + _READY_S
    for name in names:
        while " ready." not in children.last_words(name, 100):
            if children.ended() or time.monotonic() > limit:
                raise BrokenRunError(f"no worker came up:\n{children.last_words(name)}")
            time.sleep(_LOOK_S)
