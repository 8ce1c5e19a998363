"""Doing a thing again while the database is away."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

log = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
PATIENCE_S = 60.0
_FIRST_WAIT_S = 0.25
_LONGEST_WAIT_S = 2.0
Answer = TypeVar("Answer")


def patiently(act: Callable[[], Answer], *, give_up: Callable[[], bool]) -> Answer:
    """What `act` gives, once the database is there; it is tried for a minute.

    `act` is one transaction that may be run again, even where its commit went through unheard.
    Raises the last error when the minute is over or `give_up` says so.
    """
    until, wait = time.monotonic() + PATIENCE_S, _FIRST_WAIT_S
    while True:
        try:
            return act()
        except AWAY as error:
            if give_up() or time.monotonic() + wait > until:
                raise
            log.warning("the database is away, trying again: %s", error.orig)
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT_S)
