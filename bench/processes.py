"""What a process and all that it started took: processor time and memory."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import psutil

_LOOK_S = 0.5


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process and of all below it, ended children included."""
    total = 0.0
    for process in _family(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def peak_of(pid: int) -> int:
    """The most memory that a process ever had, in bytes; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


class Watch:
    """A context manager that keeps the highest memory of each child of the workers, in bytes.

    It is the peak that the system itself noted (VmHWM), so nothing between two looks is missed.
    """

    def __init__(self, workers: Sequence[int]) -> None:
        self._workers = workers
        self._peaks: dict[int, int] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._look()
        self._done.set()
        self._thread.join()

    @property
    def highest(self) -> int:
        """The most that any child ever had; 0 where the system does not tell."""
        return max(self._peaks.values(), default=0)

    def _look_on(self) -> None:
        while not self._done.wait(_LOOK_S):
            self._look()

    def _look(self) -> None:
        children = [child for worker in self._workers for child in _family(worker)[1:]]
        for process in children:
            self._peaks[process.pid] = max(self._peaks.get(process.pid, 0), peak_of(process.pid))


def _family(pid: int) -> list[psutil.Process]:
    try:
        head = psutil.Process(pid)
        return [head, *head.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
