"""A newsroom of the demo's own: a fresh home, its processes, its mail server, its pictures."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from publisher.cli.demo.papers import Bundle, Dates, hand_in
from publisher.cli.demo.scenes import draw_pictures
from publisher.cli.demo.screen import Screen
from publisher.cli.newsroom import HOST, is_ready, prepare, programs
from publisher.cli.ports import next_free
from publisher.cli.running import held
from publisher.cli.supervisor import Program, Supervisor
from publisher.errors import PublisherError, UnavailableError
from publisher.mail.mailbox import Mailbox
from publisher.settings import Settings, load_settings
from publisher.store import Runtime, open_runtime, utc_now

MESSAGE_TAKES_S = 0.03  # or an edition would be over before its worker can be killed
PATIENCE_S = 120.0
_TICK_S = 0.05


class InterruptedDemoError(PublisherError):
    """Somebody asked to stop."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: everything real, and nothing of it anywhere else."""

    runtime: Runtime
    children: Supervisor
    screen: Screen
    dates: Dates
    told: threading.Event

    @property
    def now(self) -> datetime:
        """The time by the runtime's clock."""
        return self.runtime.clock()

    @property
    def settings(self) -> Settings:
        """The settings of this newsroom."""
        return self.runtime.settings

    @property
    def secret(self) -> str:
        """The key of the house."""
        return self.settings.secret_key.get_secret_value()

    def hand_in(self, bundle: Bundle) -> list[Path]:
        """Put articles into the watched folder; returns the files."""
        return hand_in(bundle, self.settings.inbox_folder, self.dates)

    def until(self, come: Callable[[], bool], what: str) -> None:
        """Wait for something that the newsroom's processes do by themselves.

        Raises InterruptedDemoError when told to stop meanwhile, UnavailableError where a process
        ends by itself or nothing has come after two minutes.
        """
        limit = time.monotonic() + PATIENCE_S
        while not come():
            ended = self.children.ended()
            if ended:
                raise UnavailableError(f"{ended}:\n{self.children.last_words(ended.name)}")
            if time.monotonic() > limit:
                logs = self.children.log("worker").parent
                raise UnavailableError(
                    f"Waited {PATIENCE_S:.0f} seconds in vain for {what}. The logs are in {logs}"
                )
            if self.told.wait(_TICK_S):
                raise InterruptedDemoError(f"What was made until then is in {self.settings.home}")


@contextmanager
def stage_set(screen: Screen, told: threading.Event, *, serve: bool) -> Iterator[Stage]:
    """Bring the demo's newsroom up in a new folder, which stays when everything has stopped."""
    began = utc_now()
    home = Path(tempfile.mkdtemp(prefix="publisher-demo-"))
    with ExitStack() as stack:
        pictures = stack.enter_context(_served(home / "pictures"))
        mailbox = Mailbox(home / "mailbox", HOST, 0, MESSAGE_TAKES_S, clock=utc_now)
        values = settings_of(home, mailbox.start(), web_port=_web_port(serve=serve))
        stack.callback(mailbox.stop)
        runtime = open_runtime(load_settings(**values))
        stack.callback(runtime.sessions.close)
        settings = runtime.settings
        announce = stack.enter_context(held(home))
        announce(settings.base_url, settings.mailbox_port)
        children = Supervisor(_programs(settings, values), home / "log")
        stage = Stage(runtime, children, screen, Dates(began, pictures), told)
        prepare(runtime)
        stack.callback(children.stop)
        yield stage


def settings_of(home: Path, mailbox_port: int, *, web_port: int) -> dict[str, Any]:
    """Every setting by name, most at their default, so that no variable of the caller's counts."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    return defaults | {
        "home": home,
        "base_url": f"http://{HOST}:{web_port}",
        "site_name": "The Harbour Record",
        "language": "en-GB",
        "zone": "Europe/London",
        "postal_address": "The Harbour Record, 4 Quay Street, Port Ellery",
        "sender_address": "news@harbour-record.example",
        "mailbox_port": mailbox_port,
    }


def _programs(settings: Settings, values: dict[str, Any]) -> list[Program]:
    """All but the mailbox, which the demo keeps itself, with a delay."""
    port = int(settings.base_url.rpartition(":")[2])
    return [
        replace(program, settings={**values, **program.settings})
        for program in programs(settings, port)
        if program.name != "mailbox"
    ]


def start_all(stage: Stage) -> None:
    """Start worker, beat and web, and wait until the pages answer."""
    for name in ("web", "worker", "beat"):
        stage.children.start(name)
    port = int(stage.settings.base_url.rpartition(":")[2])
    stage.until(lambda: is_ready(port), "the pages to answer")


def _web_port(*, serve: bool) -> int:
    """A port that people remember where they are to visit; else any."""
    if serve:
        return next_free(HOST, 8000)
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Draw the pictures and serve them from a thread; the address of their folder."""
    draw_pictures(folder)
    server = ThreadingHTTPServer((HOST, 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        pass
