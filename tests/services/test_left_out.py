"""A run says what it could not try, on however many workers, and fails under CI."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.environment import ROOT, clean_environment

TEST = """
from tests.services.left_out import leave_out

def test_that_needs_a_lighthouse():
    leave_out("Lighthouse", "build one")
"""


@pytest.mark.parametrize(
    ("ci", "workers", "code", "verdict"),
    [
        ("", 0, 0, "not tried on this machine"),
        ("1", 0, 1, "a failure, because CI is set"),
        ("1", 2, 1, "a failure, because CI is set"),
    ],
    ids=["at home", "under CI", "under CI on two workers"],
)
def test_what_is_left_out_is_in_the_last_line(
    tmp_path: Path, ci: str, workers: int, code: int, verdict: str
) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n", encoding="utf-8")
    (tmp_path / "test_coast.py").write_text(TEST, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"-n{workers}", "--rootdir", tmp_path, tmp_path],
        cwd=tmp_path,
        env=clean_environment(tmp_path, PYTHONPATH=str(ROOT), CI=ci),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout.endswith(f"\nLEFT OUT ({verdict}): Lighthouse: build one\n")
