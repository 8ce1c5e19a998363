import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from publisher import queue
from publisher.cli.newsroom import is_ready, programs, with_free_ports
from publisher.cli.ports import is_free, next_free
from publisher.cli.running import running
from publisher.cli.supervisor import Supervisor
from publisher.errors import UnavailableError
from publisher.settings import load_settings
from tests.cli.conftest import Shell
from tests.services.environment import clean_environment, command

STRANGER = ("tasks", "celery", "publisher", "uvicorn", "kombu")
SLEEPY = """
import pathlib, time
from publisher.queue import app

@app.task(name="publisher.sleepy")
def sleepy(sign: str) -> None:
    pathlib.Path(sign).touch()
    time.sleep(60)
"""


@dataclass(frozen=True, slots=True)
class Up:
    """A newsroom that `publisher up` brought up, and what it said."""

    process: subprocess.Popen[bytes]
    said: Path
    home: Path
    base_url: str

    def family(self) -> list[psutil.Process]:
        """All that it started."""
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Started in a folder full of a stranger's modules."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    for name in STRANGER:
        (folder / f"{name}.py").write_text(f"raise SystemExit('a stranger: {name}')\n")
    base_url = f"http://127.0.0.1:{_free_port()}"
    environment = clean_environment(
        tmp_path,
        PUBLISHER_HOME=str(tmp_path / "newsroom"),
        PUBLISHER_BASE_URL=base_url,
        PUBLISHER_MAILBOX_PORT=str(_free_port()),
    )
    said = tmp_path / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [command("publisher"), "up"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    started = Up(process, said, tmp_path / "newsroom", base_url)
    _wait_for(lambda: "Ctrl-C stops it" in said.read_text() or process.poll() is not None)
    assert process.poll() is None, said.read_text()
    yield started
    if process.poll() is None:
        process.terminate()
        process.wait(15)


def test_a_newsroom_shows_its_addresses_and_is_gone_within_ten_seconds(up: Up) -> None:
    family = up.family()
    assert len(family) >= 4  # mailbox, web, worker and beat; the worker's pool may come later
    said = up.said.read_text()
    for shown in (up.base_url, f"{up.base_url}/desk/", str(up.home / "inbox"), "/mailbox"):
        assert shown in said
    began = time.monotonic()
    up.process.send_signal(_ctrl_c())
    assert up.process.wait(12) == 0
    assert time.monotonic() - began < 10
    assert not [process for process in family if process.is_running()]
    assert up.said.read_text().endswith("Everything has stopped.\n")


def test_no_process_outlives_a_parent_that_was_killed(up: Up) -> None:
    family = up.family()
    up.process.kill()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive
    assert running(up.home) is None


def test_a_process_that_ends_by_itself_stops_the_others(up: Up) -> None:
    family = up.family()
    beat = next(process for process in family if process.cmdline()[-1] == "beat")
    beat.kill()
    assert up.process.wait(12) == 1
    assert not [process for process in family if process.is_running()]
    said = up.said.read_text()
    assert "publisher: The beat ended by signal 9." in said
    assert "Traceback" not in said


def test_one_home_has_one_newsroom_and_other_commands_know_its_address(
    up: Up, tmp_path: Path
) -> None:
    environment = clean_environment(tmp_path, PUBLISHER_HOME=str(up.home))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command("publisher"), *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    again = run("up")
    assert again.returncode == 1
    assert f"A newsroom is already up on {up.home} at {up.base_url}" in again.stderr
    link = json.loads(run("desk-link", "--json").stdout)["url"]
    assert link.startswith(f"{up.base_url}/desk/")
    assert "publisher up" in run("doctor").stdout


def test_a_part_that_does_not_start_is_named_with_its_last_words(
    program: Shell, tmp_path: Path
) -> None:
    with _taken() as port:
        said = program("up", settings={"PUBLISHER_MAILBOX_PORT": str(port)})
    assert said.code == 75
    assert f"Port {port} is taken, and PUBLISHER_MAILBOX_PORT says to use it." in said.err


def test_ports_that_nobody_chose_move_on_to_free_ones(home: Path) -> None:
    chosen, port = with_free_ports(load_settings())
    assert chosen.base_url == f"http://127.0.0.1:{port}"
    assert is_free("127.0.0.1", port)
    assert is_free("127.0.0.1", chosen.mailbox_port)


def test_an_address_behind_a_proxy_stays_as_it_is(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISHER_BASE_URL", "https://news.harbour.example")
    chosen, _ = with_free_ports(load_settings())
    assert chosen.base_url == "https://news.harbour.example"


def test_the_next_port_is_taken_where_one_is_in_use() -> None:
    with _taken() as port:
        assert next_free("127.0.0.1", port) > port
        assert not is_ready(port)
    with pytest.raises(UnavailableError, match="No port from 65536 on"):
        next_free("127.0.0.1", 65_536)


def test_a_worker_that_is_stopped_gives_its_work_back(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _offer_sleepy_task(tmp_path, monkeypatch)
    settings = load_settings(broker_url="").ready()
    worker = next(one for one in programs(settings, 0) if one.name == "worker")
    sign = tmp_path / "begun"
    with Supervisor([worker], tmp_path / "log"):
        _send(sign)
        _wait_for(sign.exists)
        assert not _sleepy_messages(settings.queue_folder)
    assert len(_sleepy_messages(settings.queue_folder)) == 1


def _ctrl_c() -> signal.Signals:
    """What Ctrl-C sends, unless these tests run in the background, where it is ignored."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return signal.SIGTERM if ignored else signal.SIGINT


def _offer_sleepy_task(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second distribution with a task of its own, as a newsroom may install one."""
    about = folder / "sleepy-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: sleepy\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[publisher.tasks]\nsleepy = sleepy_tasks\n")
    (folder / "sleepy_tasks.py").write_text(SLEEPY)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def _send(sign: Path) -> None:
    queue.configure(load_settings().ready())
    assert queue.wake_now("publisher.sleepy", sign=str(sign))


def _sleepy_messages(queue_folder: Path) -> list[str]:
    messages = [path.read_text() for path in queue_folder.glob("*.pages.msg")]
    return [message for message in messages if "publisher.sleepy" in message]


@contextmanager
def _taken() -> Iterator[int]:
    """A port of this machine that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _free_port() -> int:
    with _taken() as port:
        return port


def _wait_for(happened: Callable[[], object], timeout_s: float = 40.0) -> None:
    limit = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.05)
