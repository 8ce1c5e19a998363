"""The open connections of one process: made beside each other, kept, renewed, given up."""

import random
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread

from publisher.errors import UnavailableError
from publisher.mail.connection import LOOK_S, Connection

MOST_FAILURES = 3
_FIRST_WAIT_S = 0.25
_LONGEST_WAIT_S = 30.0
_GOODBYES_S = 2.0


class Lines:
    """Up to `most` connections, each for `messages_each` messages and never idle for long.

    `open_line` makes one and may wait or raise UnavailableError: it runs in a thread of its own,
    so that the others go on meanwhile. A server that cannot be reached, or hangs up before it
    decided on any message, is tried again after a quarter of a second, doubling to half a minute.
    Where no line can be had, `turn` is told why and says whether `open_line` leads to another
    server from now on; lines that are a `detour` are parted with. Close it when done.
    """

    def __init__(
        self,
        open_line: Callable[[], Connection],
        *,
        most: int = 4,
        messages_each: int = 100,
        idle_s: float = 20.0,
        turn: Callable[[str], bool] = lambda _: False,
        detour: Callable[[Connection], bool] = lambda _: False,
    ) -> None:
        self.most = most
        self._open_line = open_line
        self._turn = turn
        self._detour = detour
        self._messages_each = messages_each
        self._idle_s = idle_s
        self._lines: list[Connection] = []
        self._opening: list[Future[Connection]] = []
        self._failures = _Failures()
        self._selector = selectors.DefaultSelector()
        self._looked_at = 0.0
        self._ear, self._mouth = socket.socketpair()
        self._ear.settimeout(0)
        self._selector.register(self._ear, selectors.EVENT_READ)

    @property
    def open(self) -> int:
        """How many can be used."""
        return len([line for line in self._lines if not line.leaving])

    @property
    def busy(self) -> bool:
        """Whether a server owes an answer about a message."""
        return any(line.busy and not line.leaving for line in self._lines)

    @property
    def serving(self) -> set[str]:
        """The servers, by the names of their lines, that decided on a message over an open line."""
        return {line.name for line in self._lines if line.useful}

    def refresh(self) -> None:
        """Before a new start: part with lines that died or idled, and with old grudges."""
        self._welcome()
        now = time.monotonic()
        for line in self._lines:
            line.listen()
            if line.ready and (now - line.moved_at > self._idle_s or self._detour(line)):
                line.leave()
        self._sweep()
        if not self._lines:
            self._failures = _Failures()

    def takers(self) -> list[Connection]:
        """Lines that can begin a message, those without one first."""
        ready = [line for line in self._lines if line.ready and line.begun < self._messages_each]
        return sorted(ready, key=_is_busy) if len(ready) > 1 else ready

    def open_more(self, waiting: int) -> None:
        """Begin to open lines for so many messages that wait, as far as there is room."""
        room = self.most - len(self._lines)
        while len(self._opening) < min(waiting, room) and self._failures.may_try():
            self._opening.append(_opened_beside(self._open_line, self._mouth))

    def speak(self) -> None:
        """Write what can be written, on every line."""
        for line in self._lines:
            if line.outbox.waits:
                line.speak()
            if line.alive and line.events != line.watched:
                self._selector.modify(line, line.events)
                line.watched = line.events
        self._sweep()

    def wait(self) -> None:
        """Until something happens, at most a quarter of a second; then listen to it."""
        for key, _ in self._selector.select(LOOK_S):
            if isinstance(key.fileobj, Connection):
                key.fileobj.listen()
            else:
                self._ear.recv(64)
        now = time.monotonic()
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            for line in self._lines:
                line.check_time(now)
        self._retire()
        self._sweep()
        self._welcome()

    def hopeless(self) -> str:
        """Why there is no use in waiting for a line; empty while there is.

        Side effect: turns to another server, where there is one.
        """
        if self.open or self._opening:
            return ""
        verdict = self._failures.verdict
        if verdict and self._turn(verdict):
            self._failures = _Failures()
            return ""
        return verdict

    def drop(self) -> None:
        """Hang up everywhere, telling neither servers nor keeper; new lines can be opened."""
        for line in self._lines:
            line.drop()
        self._sweep()

    def close(self) -> None:
        """Say goodbye on every line, all at once, and let them go."""
        for opening in self._opening:
            opening.add_done_callback(_hang_up)
        self._opening.clear()
        for line in self._lines:
            if line.ready and not line.busy:
                line.leave()
        until = time.monotonic() + _GOODBYES_S
        while any(line.leaving for line in self._lines) and time.monotonic() < until:
            self.speak()
            self.wait()
        self.drop()
        self._selector.close()
        self._ear.close()
        self._mouth.close()

    def _retire(self) -> None:
        """Part with the lines that carried their share."""
        for line in self._lines:
            if line.begun >= self._messages_each and line.ready and not line.busy:
                line.leave()

    def _welcome(self) -> None:
        """Take the connections that are made, or note why they are not."""
        for opening in [opening for opening in self._opening if opening.done()]:
            self._opening.remove(opening)
            try:
                line = opening.result()
            except UnavailableError as error:
                self._failures.no_line(str(error))
                continue
            self._failures.reached()
            if not line.alive:
                self._failures.lost(_hung_up(line))
                continue
            self._lines.append(line)
            self._selector.register(line, line.events)
            line.watched = line.events

    def _sweep(self) -> None:
        """Forget the lines that are dead."""
        for line in [line for line in self._lines if not line.alive]:
            self._lines.remove(line)
            self._selector.unregister(line)
            if line.useful:
                self._failures = _Failures()
            elif line.begun:
                self._failures.lost(_hung_up(line))


@dataclass(slots=True)
class _Failures:
    """How often in a row there was no line, or one that was lost before it served."""

    count: int = 0
    not_before: float = 0.0
    unreachable: bool = False
    reason: str = ""

    @property
    def verdict(self) -> str:
        return self.reason if self.unreachable or self.count >= MOST_FAILURES else ""

    def may_try(self) -> bool:
        return time.monotonic() >= self.not_before

    def no_line(self, reason: str) -> None:
        self.unreachable = True
        self.lost(reason)

    def reached(self) -> None:
        self.unreachable = False

    def lost(self, reason: str) -> None:
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
        wait = min(_FIRST_WAIT_S * 2.0 ** min(self.count, 10), _LONGEST_WAIT_S)
        self.not_before = time.monotonic() + wait * spread
        self.count += 1
        self.reason = reason


def _is_busy(line: Connection) -> bool:
    return line.busy


def _hung_up(line: Connection) -> str:
    return f"{line.name} hangs up before it takes a message: {line.why_lost}."


def _opened_beside(open_line: Callable[[], Connection], mouth: socket.socket) -> Future[Connection]:
    """A connection being made in a thread of its own, which says a byte when it is done."""
    future: Future[Connection] = Future()

    def make() -> None:
        try:
            future.set_result(open_line())
        except BaseException as error:  # noqa: BLE001 - raised where the result is taken
            future.set_exception(error)
        with suppress(OSError):
            mouth.send(b".")

    Thread(target=make, name="mail line", daemon=True).start()
    return future


def _hang_up(opening: Future[Connection]) -> None:
    """For a connection that nobody waits for any more."""
    if not opening.exception():
        opening.result().close()
