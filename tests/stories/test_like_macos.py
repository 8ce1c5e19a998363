"""On macOS a worker's processes are not forked: each is a new interpreter that knows nothing."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from publisher.settings import child_environment
from tests.services.runtimes import SECRET_KEY
from tests.services.smtp import SmtpServer
from tests.stories.conftest import EMBEDDED
from tests.stories.live import LiveNewsroom

WORKER = """
import billiard
from publisher.cli.main import main

if __name__ == "__main__":
    billiard.set_start_method("spawn", force=True)
    main()
"""


@pytest.fixture
def worker(newsroom: LiveNewsroom, tmp_path: Path) -> Iterator[None]:
    """The worker of the newsroom, its processes started as on macOS."""
    script = tmp_path / "worker.py"
    script.write_text(WORKER, encoding="utf-8")
    settings = newsroom.runtime.settings
    given = {
        "home": settings.home,
        "secret_key": SECRET_KEY,
        "smtp_host": settings.smtp_host,
        "smtp_port": settings.smtp_port,
    }
    with ExitStack() as until_the_end, (tmp_path / "worker.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-P", script, "worker"],
            env=child_environment(**given),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        until_the_end.callback(running.wait)
        until_the_end.callback(_kill_family, running)
        yield


@pytest.mark.parametrize("newsroom", [EMBEDDED], indirect=True)
def test_an_edition_goes_out(newsroom: LiveNewsroom, worker: None, smtp_server: SmtpServer) -> None:
    newsroom.newsletter("harbour", "quay")
    readers = newsroom.world.readers(10, "harbour")
    newsroom.world.story("ferry", "quay")
    newsroom.start("beat")
    newsroom.digest("harbour")
    assert sorted(smtp_server.recipients()) == readers


def _kill_family(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
