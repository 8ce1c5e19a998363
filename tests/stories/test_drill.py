"""`publisher drill` for real: each kind of kill once, and what it refuses and leaves behind."""

import json
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from publisher.cli.drill.plan import CALLS, Where
from tests.services.environment import clean_environment, command

LONGEST_S = 400  # on a busy machine; by itself it takes well under a minute
KILLS = len(Where)


def test_nobody_is_missed_or_mailed_twice_whatever_is_killed_when(tmp_path: Path) -> None:
    done = _drill(tmp_path, "--kills", str(KILLS), "--readers", "200", "--seed", "7", "--json")

    assert done.returncode == 0, done.stdout + done.stderr
    *kills, sums = [json.loads(line) for line in done.stdout.splitlines()]
    assert (sums["kills"], sums["missing"], sums["duplicates"]) == (KILLS, 0, 0)
    assert sums["differences"] == []
    assert sums["eligible"] == sums["accepted"] + sums["uncertain"]
    assert sums["accepted"] <= sums["at_server"] <= sums["eligible"]
    assert sums["uncertain"] <= 2 * KILLS * sums["connections"]
    assert (sums["seed"], len(kills)) == (7, KILLS)
    left_out = set(CALLS) if sums["left_out"] else set()
    assert {kill["where"] for kill in kills} == set(Where) - left_out
    assert any(kill["uncertain_after"] for kill in kills)  # or no kill struck a message
    assert _left_of(tmp_path) == []


def test_an_interrupted_drill_leaves_nothing(tmp_path: Path) -> None:
    drill = subprocess.Popen(
        [command("publisher"), "drill"],
        cwd=tmp_path,
        env=_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    _wait_for_a_worker(drill, tmp_path)
    drill.send_signal(signal.SIGINT)
    said, _ = drill.communicate(timeout=LONGEST_S)
    assert drill.returncode == 130, said
    assert "Stopped before the end" in said
    assert _left_of(tmp_path) == []


@pytest.mark.parametrize("name", ["PUBLISHER_DATABASE_URL", "PUBLISHER_BROKER_URL"])
def test_a_drill_keeps_away_from_a_newsrooms_own_store(tmp_path: Path, name: str) -> None:
    done = _drill(tmp_path, **{name: "redis://nowhere.example"})

    assert done.returncode == 1
    assert f"env -u {name} publisher drill" in done.stderr
    assert _left_of(tmp_path) == []


def _drill(folder: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command("publisher"), "drill", *options],
        cwd=folder,
        env=_environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )


def _environment(folder: Path, **settings: str) -> dict[str, str]:
    return clean_environment(folder, TMPDIR=str(folder), **settings)


def _wait_for_a_worker(drill: subprocess.Popen[str], folder: Path) -> None:
    limit = time.monotonic() + LONGEST_S
    while time.monotonic() < limit and drill.poll() is None:
        if any(folder.glob("publisher-drill-*/log/worker.log")):
            return
        time.sleep(0.05)
    drill.kill()
    pytest.fail(f"no worker was started: {drill.communicate()[0]}")


def _left_of(folder: Path) -> Sequence[object]:
    """Folders and processes that a drill in this folder has left behind."""
    mark = f"{folder}/publisher-drill-"
    processes = [one for one in psutil.process_iter() if _home_of(one).startswith(mark)]
    return [*folder.glob("publisher-drill-*"), *processes]


def _home_of(process: psutil.Process) -> str:
    try:
        return process.environ().get("PUBLISHER_HOME", "")
    except psutil.Error:
        return ""
