"""Serving: requests a second of our web process, of nginx and of a plain FastAPI route.

Each server has one core, the load tool (wrk) another, and all answer with the same document.
"""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench.broken import BrokenRunError
from bench.feeds_stories import invented
from bench.houses import forget_broker
from bench.results import Results
from publisher import queue
from publisher.cli.ports import next_free
from publisher.cli.supervisor import Program, Supervisor
from publisher.settings import child_environment, load_settings
from publisher.store import open_runtime, utc_now
from publisher.store.upgrade import upgrade
from tests.feeds.samples import bring
from tests.web.nginx import nginx

PATH = "/feeds/all.rss"
SERVER_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 16
_STORIES = 50
_READY_S = 30.0
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_TROUBLE = re.compile(r"Non-2xx or 3xx responses: \d+|Socket errors: .*")


@dataclass(frozen=True, slots=True)
class Server:
    """One of those that are compared, and the headers that get a 200 or a 304 from it."""

    name: str
    address: str
    asks: dict[str, dict[str, str]]


def measure_serving(results: Results, rounds: int, seconds: int) -> None:
    """`serve/STATUS/SERVER`, all in turns."""
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        raise SystemExit("Serving needs wrk and taskset: apt-get install wrk util-linux")
    with _servers() as servers:
        for number in range(rounds):
            for status in ("200", "304"):
                turn = servers[number % len(servers) :] + servers[: number % len(servers)]
                for server in turn:
                    rate = _rate(server, status, seconds)
                    case = f"serve/{status}/{server.name}"
                    results.add({"case": case, "round": number + 1, "rate": rate})


@contextmanager
def _servers() -> Iterator[list[Server]]:
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="publisher-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        (folder / "nginx").mkdir()
        port = next_free("127.0.0.1", 8700)
        public = _publish(folder / "home", port)
        ours = stack.enter_context(_ours(folder / "home", port))
        front = stack.enter_context(nginx(folder / "nginx", public, ours))
        _pin(int((folder / "nginx" / "nginx.pid").read_text()))
        plain = stack.enter_context(_plain(public / f"{PATH[1:]}.gz"))
        known = {"ours": ours, "nginx": str(front.base_url).rstrip("/"), "fastapi": plain}
        servers = [_asked(name, address) for name, address in known.items()]
        if len({server.asks["304"]["If-None-Match"] for server in servers}) != len(servers):
            raise BrokenRunError("nginx does not find the files and asks our web process")
        yield servers


def _publish(home: Path, port: int) -> Path:
    """A newsroom with fifty stories out; its public folder."""
    settings = load_settings(home=home, base_url=f"http://127.0.0.1:{port}").ready()
    upgrade(settings)
    forget_broker()
    queue.configure(settings)
    runtime = open_runtime(settings)
    bring(runtime, *(invented(number, utc_now()) for number in range(_STORIES)))
    runtime.sessions.close()
    return settings.public_folder


@contextmanager
def _ours(home: Path, port: int) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    settings = {"home": home, "base_url": address}
    web = Program("web", ("web", "--port", str(port)), settings, wrapper=_on(SERVER_CORE))
    with Supervisor([web], home / "log"):
        _wait_for(address)
        yield address


@contextmanager
def _plain(document: Path) -> Iterator[str]:
    """The route under uvicorn with the same options as ours."""
    port = next_free("127.0.0.1", 8800)
    process = subprocess.Popen(
        [*_on(SERVER_CORE), sys.executable, "-m", "bench.feeds_peer", str(document), str(port)],
        env=child_environment(),
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _asked(name: str, address: str) -> Server:
    """The server, once it has answered as it should."""
    plain = {"Accept-Encoding": "gzip"}
    first = httpx.get(address + PATH, headers=plain)
    again = plain | {"If-None-Match": first.headers["etag"]}
    second = httpx.get(address + PATH, headers=again)
    statuses = first.status_code, second.status_code
    if statuses != (200, 304) or first.headers["content-encoding"] != "gzip" or second.content:
        raise BrokenRunError(f"{name} answered {statuses}")
    return Server(name, address, {"200": plain, "304": again})


def _rate(server: Server, status: str, seconds: int) -> float:
    """Requests a second."""
    headers = [
        word for name, value in server.asks[status].items() for word in ("-H", f"{name}: {value}")
    ]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *headers, server.address + PATH]
    run = subprocess.run([*_on(LOAD_CORE), *command], capture_output=True, text=True, check=True)
    found, trouble = _RATE.search(run.stdout), _TROUBLE.search(run.stdout)
    if found is None or trouble is not None:
        raise BrokenRunError(f"{server.name}: {trouble[0] if trouble else run.stdout}")
    return float(found[1])


def _on(core: int) -> tuple[str, ...]:
    return "taskset", "-c", str(core)


def _pin(pid: int) -> None:
    """To its core: what is there already, a thread a process."""
    head = psutil.Process(pid)
    for process in (head, *head.children(recursive=True)):
        process.cpu_affinity([SERVER_CORE])


def _wait_for(address: str) -> None:
    limit = time.monotonic() + _READY_S
    while time.monotonic() < limit:
        try:
            if httpx.get(address + PATH).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise BrokenRunError(f"nothing serves {PATH} at {address}")
