"""A trap kills whom it was set for, when the mail server sees the message it was set on."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.cli.drill.plan import Point, Where
from publisher.cli.drill.sink import Moment
from publisher.cli.drill.tracing import has_killed, traced, why_not_traced
from publisher.cli.drill.trap import Trap
from tests.services.left_out import leave_out


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield child
    child.kill()
    child.wait()


def test_it_springs_at_the_message_it_is_set_on(worker: subprocess.Popen[bytes]) -> None:
    trap = Trap()
    trap.set(Point(Where.BEFORE_250, 2), worker.pid, number=2)
    for moment in (Moment.ARRIVED, Moment.ANSWERED, Moment.OFFERED):
        trap.notice(moment)
    assert (worker.poll(), trap.has_sprung()) == (None, False)

    trap.notice(Moment.ARRIVED)
    assert (worker.wait(5), trap.has_sprung()) == (-9, True)


def test_a_server_is_told_to_drop_only_the_message_that_is_to_be_lost(
    worker: subprocess.Popen[bytes],
) -> None:
    trap = Trap()
    trap.set(Point(Where.UNKEPT, 2), worker.pid, number=2)
    kept = [trap.notice(moment) for moment in (Moment.ARRIVED, Moment.OFFERED, Moment.ARRIVED)]
    assert kept == [True, True, False]
    assert trap.notice(Moment.ARRIVED)


def test_a_trap_taken_away_harms_nobody(worker: subprocess.Popen[bytes]) -> None:
    trap = Trap()
    trap.set(Point(Where.FIRST), worker.pid, number=1)
    trap.take_away()
    trap.notice(Moment.OFFERED)
    assert (worker.poll(), trap.has_sprung()) == (None, False)


def test_a_kill_at_a_random_moment_comes_by_itself(worker: subprocess.Popen[bytes]) -> None:
    Trap().set(Point(Where.STARTING, pause_s=0.05), worker.pid, number=1)
    assert worker.wait(5) == -9


def test_without_strace_it_is_said_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why_not_traced() == "strace is not installed"


def test_strace_kills_before_the_call_is_made(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        leave_out("strace", "install strace; drills kill at chosen system calls with it")
    if why := why_not_traced():
        pytest.skip(f"kills at a chosen system call are left out: {why}")
    output = tmp_path / "trace"
    words = "import os\nfor number in b'123': os.write(1, bytes([number]))"
    said = subprocess.run(
        [*traced("write", 3, output), sys.executable, "-S", "-c", words],
        capture_output=True,
        check=False,
    )
    assert said.stdout == b"12"
    assert has_killed(output)
