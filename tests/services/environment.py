"""The environment of a run: what the machine offers, and a clean one for commands under test."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED_FIXTURES = ROOT.parent / "shared" / "fixtures"


def under_ci() -> bool:
    """Whether everything must be there: `CI` is set to anything."""
    return bool(os.environ.get("CI"))


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs tests for another one, which shows what comes of them."""
    return hasattr(config, "workerinput")


def given(name: str) -> str | None:
    """The value of an environment variable, None when unset or empty."""
    return os.environ.get(name) or None


def clean_environment(home: Path, **settings: str) -> dict[str, str]:
    """An environment for a command: only what programs need, plus `settings`.

    `home` becomes the home folder; settings are given by their full names (`PUBLISHER_HOME=...`).
    """
    kept = {
        name: os.environ[name]
        for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH")
        if name in os.environ
    }
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONUTF8": "1", **settings}


def command(name: str) -> Path:
    """A console script of this Python environment, such as `publisher`."""
    return Path(sys.executable).parent / name
