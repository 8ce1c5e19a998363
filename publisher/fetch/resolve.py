"""From a host's name to its addresses, within a time."""

import socket
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from publisher.errors import UnavailableError

Resolve = Callable[[str, int, float], list[str]]


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """Every address of the host, in the order of the system; raises UnavailableError.

    The system's resolver cannot be told how long to wait, so it is asked in a thread of its own,
    which is left alone when the time is over.
    """
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()
    ask = threading.Thread(target=_ask, args=(host, port, answers), daemon=True)
    ask.start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise UnavailableError(f"The address of {host} was not found in time.") from None
    if isinstance(found, OSError):
        raise UnavailableError(f"{host} has no address: {found.strerror or found}")
    return found


def _ask(host: str, port: int, answers: "SimpleQueue[list[str] | OSError]") -> None:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answers.put(error if isinstance(error, OSError) else OSError(str(error)))
    else:
        answers.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
