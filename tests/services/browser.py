"""A real browser: the Chromium of this machine."""

import shutil
from pathlib import Path

import pytest

from tests.services.environment import given
from tests.services.left_out import leave_out

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

# Quiet, and able to run as root and in a container; the pages are our own.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that Playwright can drive."""
    found = given("TEST_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and _MACOS.exists():
        found = str(_MACOS)
    if found is None:
        leave_out("Chromium", "install chromium, or set TEST_CHROMIUM to its path")
    return found
