"""Starts the processes of a newsroom, watches them, and never leaves one behind.

Each one leads a session of its own, so that a whole family (a worker and its pool) can be ended
at once, and holds the reading end of a pipe: see `publisher.cli.tether`.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from publisher.settings import child_environment

KILL_AFTER_S = 8.0
TETHER = "publisher.cli.tether"
BIGGEST_LOG_BYTES = 5_000_000
_TICK_S = 0.05


@dataclass(frozen=True, slots=True)
class Program:
    """One process: `words` follow `publisher` on its command line.

    `settings` (by name) win over the environment. `stop_signal` asks it to stop: a worker's is
    SIGQUIT, for then it has four seconds to end what it is at, and gives the rest back to the
    queue; SIGTERM would have it wait as long as that takes. `wrapper` is a command that runs it.
    """

    name: str
    words: tuple[str, ...]
    settings: Mapping[str, object] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    wrapper: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended though nobody asked it to."""

    name: str
    code: int
    log: Path

    def __str__(self) -> str:
        how = f"by signal {-self.code}" if self.code < 0 else f"with exit code {self.code}"
        return f"The {self.name} ended {how}. Its last words are in {self.log}"


class Supervisor:
    """A context manager: what it started is gone when it is left, whatever happens inside."""

    def __init__(self, programs: Sequence[Program], logs: Path) -> None:
        self._programs = {program.name: program for program in programs}
        self._logs = logs
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            for name in self._programs:
                self.start(name)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, name: str) -> int:
        """Start one of the programs (again); returns its process id."""
        program = self._programs[name]
        with _log_for_writing(self.log(name)) as log:
            child = subprocess.Popen(
                # -P: no module is looked for in the current folder, where a stranger's may lie
                [*program.wrapper, sys.executable, "-P", "-m", TETHER, *_words(program)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=child_environment(**program.settings),
                start_new_session=True,
            )
        self._children[name] = child
        return child.pid

    def replace(self, program: Program) -> None:
        """Have `start` start this one from now on, in place of the program of the same name."""
        self._programs[program.name] = program

    def end(self, name: str) -> None:
        """Ask one program to stop, and see to it; it is not missed."""
        child = self._children.pop(name)
        child.send_signal(self._programs[name].stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(KILL_AFTER_S)
        _signal_family(child, signal.SIGKILL)
        _bury(child)

    def kill(self, name: str) -> None:
        """End a program and all it started at once, as `kill -9` does; it is not missed."""
        child = self._children.pop(name)
        _signal_family(child, signal.SIGKILL)
        _bury(child)

    def ended(self) -> Ended | None:
        """A program that ended unasked, or None while all are at work."""
        for name, child in self._children.items():
            code = child.poll()
            if code is not None:
                return Ended(name, code, self.log(name))
        return None

    def pid(self, name: str) -> int:
        """The process id of a program, which is its group's, too."""
        return self._children[name].pid

    def log(self, name: str) -> Path:
        """Where a program's output is kept."""
        return self._logs / f"{name}.log"

    def last_words(self, name: str, lines: int = 5) -> str:
        """The last lines that a program printed."""
        text = self.log(name).read_text(encoding="utf-8", errors="replace")
        return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])

    def stop(self) -> None:
        """Ask all to stop, and see to it: nothing is left after nine seconds."""
        for name, child in self._children.items():
            if child.poll() is None:
                child.send_signal(self._programs[name].stop_signal)
        self._wait_until(time.monotonic() + KILL_AFTER_S)
        for child in self._children.values():
            _signal_family(child, signal.SIGKILL)
            _bury(child)
        self._children.clear()

    def _wait_until(self, moment: float) -> None:
        while any(child.poll() is None for child in self._children.values()):
            if time.monotonic() >= moment:
                return
            time.sleep(_TICK_S)


@contextlib.contextmanager
def _log_for_writing(path: Path) -> Iterator[int]:
    """The log at its end; one that has grown big makes way, and is kept once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > BIGGEST_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _words(program: Program) -> list[str]:
    return [program.stop_signal.name, *program.words]


def _signal_family(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the child and to all it started; what outlives its parent stays in the group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _bury(child: subprocess.Popen[bytes]) -> None:
    child.wait()
    if child.stdin:
        child.stdin.close()
