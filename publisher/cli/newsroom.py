"""A whole newsroom on this machine: its processes, its ports, its inbox.

`publisher up` and the demo are built on it.
"""

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from publisher.accounts.actor import CLOCK
from publisher.cli.opening import bring_up_to_date, point_queue, usable
from publisher.cli.ports import is_free, next_free, port_of
from publisher.cli.running import held
from publisher.cli.supervisor import Program, Supervisor
from publisher.errors import PublisherError, UnavailableError
from publisher.settings import Settings
from publisher.store import Runtime, open_runtime

HOST = "127.0.0.1"
INBOX = "inbox"
PATIENCE_S = 60.0
_TICK_S = 0.1


class InterruptedStartError(PublisherError):
    """Somebody asked to stop before all was up."""


@dataclass(frozen=True, slots=True)
class Newsroom:
    """A newsroom that is up. `web_port` is where its pages are served on this machine."""

    runtime: Runtime
    children: Supervisor
    web_port: int


@contextmanager
def newsroom_up(settings: Settings, told: threading.Event) -> Iterator[Newsroom]:
    """Bring a newsroom up; it is gone when the context is left, at most nine seconds later.

    Raises InterruptedStartError when `told` is set meanwhile, UnavailableError where a part does
    not start, RefusedError where a newsroom is up on this home already.
    """
    ready = usable(settings)
    with held(ready.home) as announce:
        chosen, web_port = with_free_ports(ready)
        announce(chosen.base_url, chosen.mailbox_port)
        runtime = open_runtime(chosen)
        try:
            prepare(runtime)
            with Supervisor(programs(chosen, web_port), chosen.home / "log") as children:
                _wait_until_ready(children, web_port, told)
                yield Newsroom(runtime, children, web_port)
        finally:
            runtime.sessions.close()


def with_free_ports(settings: Settings) -> tuple[Settings, int]:
    """The settings with ports that are free, and the one for the pages.

    A port that somebody chose stays: raises UnavailableError where it is taken.
    """
    update: dict[str, object] = {}
    web_port = _web_port(settings)
    if settings.origin("base_url") == "default":
        update["base_url"] = f"http://{HOST}:{web_port}"
    if settings.uses_mailbox:
        update["mailbox_port"] = _port(settings, "mailbox_port", settings.mailbox_port)
    chosen = settings.model_copy(update=update)
    chosen.note_origin("publisher up", *update)
    return chosen, web_port


def prepare(runtime: Runtime) -> None:
    """Have the newest database and a watched inbox folder, whose articles are mailed."""
    from publisher.sources.models import SourceRow
    from publisher.sources.register import NewFolder, add_folder

    settings = runtime.settings
    bring_up_to_date(runtime)
    point_queue(settings)
    settings.inbox_folder.mkdir(parents=True, exist_ok=True)
    with runtime.sessions.begin() as session:
        if session.get(SourceRow, INBOX) is None:
            new = NewFolder(
                slug=INBOX,
                folder=settings.inbox_folder,
                language=settings.language,
                zone=settings.zone,
                baseline=False,
            )
            add_folder(session, new, by=CLOCK, now=runtime.clock())


def programs(settings: Settings, web_port: int) -> list[Program]:
    """What runs: the mailbox first, since the others may want to mail at once."""
    shared: dict[str, object] = {
        "home": settings.home.absolute(),
        "base_url": settings.base_url,
        "mailbox_port": settings.mailbox_port,
    }
    quiet = shared | ({"log_level": "warning"} if settings.log_level == "info" else {})
    running = [
        Program("web", ("web", "--host", HOST, "--port", str(web_port)), shared),
        Program("worker", ("worker",), shared, signal.SIGQUIT),
        Program("beat", ("beat",), quiet),
    ]
    mailbox = Program("mailbox", ("mailbox",), shared)
    return [mailbox, *running] if settings.uses_mailbox else running


def _web_port(settings: Settings) -> int:
    if urlsplit(settings.base_url).hostname in {HOST, "localhost"}:
        return _port(settings, "base_url", port_of(settings.base_url))
    return next_free(HOST, 8000)  # a proxy in front has the address that readers see


def _port(settings: Settings, name: str, wanted: int) -> int:
    if settings.origin(name) == "default":
        return next_free(HOST, wanted)
    if not is_free(HOST, wanted):
        raise UnavailableError(
            f"Port {wanted} is taken, and {settings.origin(name)} says to use it. Stop what uses "
            "it, or choose another."
        )
    return wanted


def _wait_until_ready(children: Supervisor, port: int, told: threading.Event) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not is_ready(port):
        ended = children.ended()
        if ended:
            raise UnavailableError(f"{ended}:\n{children.last_words(ended.name)}")
        if told.wait(_TICK_S):
            raise InterruptedStartError("Stopped before the newsroom was up.")
        if time.monotonic() > limit:
            raise UnavailableError(
                f"The pages do not answer after {PATIENCE_S:.0f} seconds. "
                f"See what is wrong in {children.log('web')}"
            )


def is_ready(port: int) -> bool:
    """Whether the pages at `port` of this machine say that they can work."""
    request = f"GET /readyz HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((HOST, port), timeout=2) as line:
            line.sendall(request.encode())
            return line.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False
