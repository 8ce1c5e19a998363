"""What a process needs to work: its settings, its store, its clock and how it sits still."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from publisher.settings import Settings
from publisher.store.engine import make_engine
from publisher.store.sessions import Sessions

Clock = Callable[[], datetime]
Pause = Callable[[float], None]  # for so many seconds of that clock


@dataclass(frozen=True, slots=True)
class Runtime:
    """Made once by each door (web, cli, tasks) and passed inward."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    pause: Pause = time.sleep


def utc_now() -> datetime:
    """The time on this host, aware and in UTC: the only place that asks for it."""
    return datetime.now(UTC)


def open_runtime(settings: Settings, clock: Clock = utc_now, pause: Pause = time.sleep) -> Runtime:
    """A runtime on the store that the settings name.

    Side effects: makes the folders of home and, where there is none, the secret key.
    """
    ready = settings.ready()
    return Runtime(ready, Sessions(make_engine(ready.database)), clock, pause)
