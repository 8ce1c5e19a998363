"""`publisher demo` for real: the whole story, and being interrupted in the middle of it."""

import re
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from publisher.cli.demo import command as demo_command
from publisher.cli.main import run
from tests.services.environment import clean_environment, command

LONGEST_S = 400  # on a busy machine; by itself it takes well under a minute


@pytest.fixture
def demo_environment(tmp_path: Path) -> dict[str, str]:
    """The demo's home lies below the test's folder; a caller's settings must not matter to it."""
    return clean_environment(
        tmp_path,
        TMPDIR=str(tmp_path),
        COLUMNS="100",
        PUBLISHER_SMTP_HOST="mail.example",
        PUBLISHER_DATABASE_URL="postgresql://nobody@nowhere.example/none",
    )


def test_the_demo_runs_proves_itself_and_leaves_no_process(
    demo_environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [command("publisher"), "demo"],
        cwd=tmp_path,
        env=demo_environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    assert re.search(r"process \d+ and its pool, at [2-8]\d%", done.stdout)
    (home,) = tmp_path.glob("publisher-demo-*")
    assert (home / "digest.html").stat().st_size > 10_000
    assert _processes_of(home) == []


def test_an_interrupted_demo_leaves_no_process(
    demo_environment: dict[str, str], tmp_path: Path
) -> None:
    demo = subprocess.Popen(
        [command("publisher"), "demo"],
        cwd=tmp_path,
        env=demo_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    home = _wait_for_worker(demo, tmp_path)
    demo.send_signal(signal.SIGINT)
    said, _ = demo.communicate(timeout=LONGEST_S)
    assert demo.returncode == 130, said
    assert "Stopped before the end" in said
    assert _processes_of(home) == []


def test_without_feedparser_the_demo_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo_command, "find_spec", lambda _name: None)
    assert run(["demo"]) == 1
    assert "feedparser, which is not installed here" in capsys.readouterr().err


def _wait_for_worker(demo: subprocess.Popen[str], folder: Path) -> Path:
    limit = time.monotonic() + LONGEST_S
    while time.monotonic() < limit and demo.poll() is None:
        for log in folder.glob("publisher-demo-*/log/worker.log"):
            return log.parents[1]
        time.sleep(0.05)
    demo.kill()
    pytest.fail(f"no worker was started: {demo.communicate()[0]}")


def _processes_of(home: Path) -> list[str]:
    """The command lines of what still works on this home."""
    return [one.info["cmdline"] for one in psutil.process_iter(["cmdline"]) if _is_of(one, home)]


def _is_of(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("PUBLISHER_HOME") == str(home)
    except psutil.Error:
        return False
