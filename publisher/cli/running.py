"""Which newsroom is up on a home folder: a locked file that `publisher up` holds."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from publisher.errors import RefusedError

FILE = "up.json"


@dataclass(frozen=True, slots=True)
class Running:
    """A newsroom that is up: where it can be reached, and by which process it is held."""

    pid: int
    base_url: str
    mailbox_port: int


def running(home: Path) -> Running | None:
    """The newsroom that is up on `home`, or None; what a killed one left behind does not count."""
    try:
        with (home / FILE).open("r+", encoding="utf-8") as file:
            return None if _lock(file.fileno()) else Running(**json.load(file))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def held(home: Path) -> Iterator[Callable[[str, int], None]]:
    """Be the one newsroom that is up on `home`; raises RefusedError where another one is.

    Gives the function that announces the addresses, once they are known.
    """
    file = os.fdopen(os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o644), "r+", encoding="utf-8")
    with file:
        if not _lock(file.fileno()):
            other = running(home)
            where = f" at {other.base_url} (process {other.pid})" if other else ""
            raise RefusedError(
                f"A newsroom is already up on {home}{where}. Stop that one first, or start "
                "another one in a home of its own: PUBLISHER_HOME=elsewhere publisher up"
            )
        file.truncate()
        yield partial(_announce, file)


def _announce(file: TextIO, base_url: str, mailbox_port: int) -> None:
    json.dump(asdict(Running(os.getpid(), base_url, mailbox_port)), file)
    file.flush()


def _lock(descriptor: int) -> bool:
    """Take the lock, which ends with the process; False where somebody holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
