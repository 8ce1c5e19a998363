"""The servers of a run leave the machine as they found it."""

import contextlib
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from tests.services.environment import ROOT, clean_environment
from tests.services.postgres import Databases, start_server
from tests.services.server import open_folder

KILLED_RUN = """
import os, signal
from tests.services.postgres import start_server
print(start_server().process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_starting_postgresql_changes_no_mode_and_makes_no_user(postgres: Databases) -> None:
    before = _modes(), pwd.getpwall()
    server = start_server()
    while_running = _modes(), pwd.getpwall()
    server.stop()
    assert before == while_running == (_modes(), pwd.getpwall())
    assert not server.folder.exists()


def test_the_server_of_a_killed_run_is_ended_by_the_next_one(
    postgres: Databases, tmp_path: Path
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_RUN],
        cwd=ROOT,
        env=clean_environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    orphan = psutil.Process(int(killed.stdout))
    shutil.rmtree(open_folder("next"))
    with contextlib.suppress(psutil.NoSuchProcess):
        orphan.wait(timeout=10)
    assert not orphan.is_running()


def _modes() -> dict[Path, tuple[int, int, int]]:
    """Mode and owner of every folder above the environment and the data of a server."""
    below = (Path(sys.prefix), Path(tempfile.gettempdir()) / "any")
    folders = {parent for path in below for parent in (path, *path.parents) if parent.exists()}
    stats = {folder: folder.stat() for folder in folders}
    return {folder: (stat.st_mode, stat.st_uid, stat.st_gid) for folder, stat in stats.items()}
