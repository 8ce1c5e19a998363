import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from publisher.cli.ports import next_free
from publisher.cli.supervisor import Ended, Program, Supervisor
from tests.services.environment import clean_environment

PARENT = """
import sys, time
from pathlib import Path
from publisher.cli.supervisor import Program, Supervisor
with Supervisor([Program("mailbox", ("mailbox", "--port", sys.argv[1]))], Path("log")) as children:
    print(children.start("mailbox"), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def mailbox(home: Path) -> Program:
    return Program("mailbox", ("mailbox", "--port", str(next_free("127.0.0.1", 42525))))


def test_what_was_started_is_gone_when_the_supervisor_is_left(
    mailbox: Program, tmp_path: Path
) -> None:
    with Supervisor([mailbox], tmp_path / "log") as children:
        pid = children.pid("mailbox")
        _wait_for_output(children)
        assert psutil.pid_exists(pid)
        began = time.monotonic()
    assert not psutil.pid_exists(pid)
    assert time.monotonic() - began < 4


def test_a_program_that_ends_unasked_is_reported_with_its_last_words(
    home: Path, tmp_path: Path
) -> None:
    broken = Program("mailbox", ("mailbox", "--port", "0"))
    with Supervisor([broken], tmp_path / "log") as children:
        ended = _wait_for_end(children)
        assert (ended.name, ended.code) == ("mailbox", 2)
        assert "publisher: " in children.last_words("mailbox")
        assert "exit code 2" in str(ended)


def test_a_program_that_is_killed_on_purpose_is_not_missed_and_can_be_started_again(
    mailbox: Program, tmp_path: Path
) -> None:
    with Supervisor([mailbox], tmp_path / "log") as children:
        _wait_for_output(children)
        before = children.pid("mailbox")
        children.kill("mailbox")
        assert not psutil.pid_exists(before)
        assert children.ended() is None
        again = children.start("mailbox")
        _wait_for_output(children, lines=2)
        assert psutil.pid_exists(again)


def test_a_program_that_does_not_listen_is_ended_within_ten_seconds(
    mailbox: Program, tmp_path: Path
) -> None:
    with Supervisor([mailbox], tmp_path / "log") as children:
        pid = children.pid("mailbox")
        _wait_for_output(children)
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
    assert not psutil.pid_exists(pid)
    assert 7 < time.monotonic() - began < 10


def test_children_follow_a_parent_that_was_killed(home: Path, tmp_path: Path) -> None:
    port = next_free("127.0.0.1", 42525)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(port)],
        cwd=tmp_path,
        env=clean_environment(tmp_path, PUBLISHER_HOME=str(home)),
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    child.wait(10)
    assert not child.is_running()


def test_settings_of_a_program_win_over_the_environment(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shown = Program("doctor", ("db", "upgrade"), {"home": elsewhere})
    with Supervisor([shown], tmp_path / "log") as children:
        assert _wait_for_end(children).code == 0
    assert (elsewhere / "publisher.db").is_file()


def _wait_for_output(children: Supervisor, lines: int = 1) -> None:
    for _ in range(300):
        if len(children.last_words("mailbox").splitlines()) >= lines:
            return
        time.sleep(0.05)
    pytest.fail("the mailbox said nothing")


def _wait_for_end(children: Supervisor) -> Ended:
    for _ in range(300):
        ended = children.ended()
        if ended:
            return ended
        time.sleep(0.05)
    pytest.fail("the program did not end")
