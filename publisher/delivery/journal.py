"""The journal: what a worker is about to hand to the mail server, and what the server said.

One file a claimed batch, append-only. First `B` and which start of the machine this is: after
another start, lines may be missing that were written before the power went. `S id` before a
message is offered, `A id code` after the server's answer, `N id` where it certainly was not taken.
The worker holds a lock on its file; a file whose lock is free belongs to a worker that is gone,
and tells exactly what may be uncertain: an `S` without an `A` or `N`. What is known of a message
that is over waits for the `S` of the next one, or for `flush`: one write does for both.
"""

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

SUFFIX = ".journal"
_LINE = re.compile(r"[SN] [0-9]+|A [0-9]+ [0-9]+|B [0-9a-f-]+")
_BOOT = Path("/proc/sys/kernel/random/boot_id")  # Linux has it


@dataclass(slots=True)
class Lines:
    """What a journal says: answers by subscriber id, and those offered without an answer.

    Only one that `is_whole` says by its silence that a message never went out.
    """

    answered: dict[int, int] = field(default_factory=dict)
    offered: set[int] = field(default_factory=set)
    is_whole: bool = False


class Journal:
    """Kept by the worker of one batch; gone once the batch's outcomes are in the database."""

    def __init__(self, folder: Path, edition_id: int, batch_no: int, worker: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{edition_id}-{batch_no}-{worker}{SUFFIX}"
        self._file = _held(self.path)
        self._unwritten = f"B {_this_start()}\n"
        try:
            self.flush()
        except OSError:
            os.close(self._file)
            raise

    def offering(self, subscriber_id: int) -> None:
        """Before the message goes out; raises OSError where it does not get there whole."""
        self._unwritten += f"S {subscriber_id}\n"
        self.flush()

    def answered(self, subscriber_id: int, code: int | None) -> None:
        """The server decided; no code where we refused the address ourselves."""
        self._unwritten += f"A {subscriber_id} {code or 0}\n"

    def not_taken(self, subscriber_id: int) -> None:
        """The server cannot have it."""
        self._unwritten += f"N {subscriber_id}\n"

    def flush(self) -> None:
        """Write what waits; raises OSError where it does not get there whole: a disk may be full.

        Call it before waiting for anything: what waits is in doubt if this process ends.
        """
        if self._unwritten:
            lines, self._unwritten = self._unwritten, ""
            self._append(lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Done: the file goes. Broken off: it stays, for `recover`."""
        if kind is None:
            self.path.unlink(missing_ok=True)
        else:
            with suppress(OSError):
                self.flush()
        os.close(self._file)

    def _append(self, lines: str) -> None:
        if os.write(self._file, lines.encode()) < len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _this_start() -> str:
    """Tells a start of the machine from others; the same for ever where the system does not say."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return "0"


def _held(path: Path) -> int:
    """The file, locked; made anew where it was taken for a lost worker's before we held it."""
    while True:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)


@contextmanager
def abandoned(path: Path) -> Iterator[Lines | None]:
    """The lines of a journal whose worker is gone, held by us; None while its worker lives.

    Side effect: the file goes at the end, if all went well.
    """
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield None
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        yield None
        return
    with os.fdopen(handle, encoding="ascii", errors="replace") as file:
        if not os.fstat(handle).st_nlink:  # its worker ended well while we reached for the lock
            yield None
            return
        yield read_lines(file.read())
        path.unlink(missing_ok=True)


def read_lines(text: str) -> Lines:
    """What the journal says; lines cut short by a crash or a full disk count as not written."""
    lines = Lines()
    for line in text.split("\n")[:-1]:
        match line.split(" ") if _LINE.fullmatch(line) else ():
            case ["B", start]:
                lines.is_whole = start == _this_start()
            case ["S", subscriber]:
                lines.offered.add(int(subscriber))
            case ["A", subscriber, code]:
                lines.answered[int(subscriber)] = int(code)
                lines.offered.discard(int(subscriber))
            case ["N", subscriber]:
                lines.offered.discard(int(subscriber))
    return lines


def name_parts(path: Path) -> tuple[int, int, str]:
    """(edition id, batch number, worker) of a journal's file name."""
    edition_id, batch_no, worker = path.name.removesuffix(SUFFIX).split("-", 2)
    return int(edition_id), int(batch_no), worker
