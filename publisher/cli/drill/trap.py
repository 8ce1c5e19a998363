"""Kills a worker when the mail server sees the message that the plan names."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from publisher.cli.drill.plan import Point, Where
from publisher.cli.drill.sink import Moment

SIGNS = {
    Where.SENDING: Moment.OFFERED,
    Where.FIRST: Moment.OFFERED,
    Where.WITHIN: Moment.BEGUN,
    Where.BEFORE_250: Moment.ARRIVED,
    Where.UNKEPT: Moment.ARRIVED,
    Where.AFTER_250: Moment.ANSWERED,
    Where.LAST: Moment.ANSWERED,
    Where.ONE_PROCESS: Moment.ANSWERED,
}


@dataclass(slots=True)
class _Set:
    """A trap that waits: for the message it is set on, and then for its timer."""

    point: Point
    left: int
    kill: Callable[[], None]


class Trap:
    """One at a time; set and looked at by the drill, sprung from the mail server's thread."""

    def __init__(self) -> None:
        self._sprung = False
        self._lock = threading.Lock()
        self._set: _Set | None = None

    def set(self, point: Point, pid: int, *, number: int) -> None:
        """Set it on the `number`-th message from now on, for the worker with this process id."""
        how = _kill_one if point.where == Where.ONE_PROCESS else _kill_family
        trap = _Set(point, number, lambda: how(pid))
        with self._lock:
            self._sprung = False
            self._set = trap
        if point.where == Where.STARTING:
            self._spring_later(trap)

    def notice(self, moment: Moment) -> bool:
        """Hear from the mail server how far a message has come; False if it is to drop it."""
        with self._lock:
            trap = self._set
            if trap is None or SIGNS.get(trap.point.where) != moment:
                return True
            trap.left -= 1
            if trap.left:
                return True
        self._spring_later(trap)
        return trap.point.where != Where.UNKEPT

    def has_sprung(self) -> bool:
        """Whether the worker it was set for got SIGKILL."""
        with self._lock:
            return self._sprung

    def take_away(self) -> None:
        """Nobody is killed from now on."""
        with self._lock:
            self._set = None

    def _spring_later(self, trap: _Set) -> None:
        if trap.point.pause_s:
            threading.Timer(trap.point.pause_s, self._spring, (trap,)).start()
        else:
            self._spring(trap)

    def _spring(self, trap: _Set) -> None:
        with self._lock:
            if self._set is trap:
                trap.kill()
                self._set = None
                self._sprung = True


def pool_of(pid: int) -> list[int]:
    """The processes of a worker's pool; none where the system does not tell."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (OSError, ValueError):
        return []


def _kill_family(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _kill_one(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(max(pool_of(pid), default=pid), signal.SIGKILL)
