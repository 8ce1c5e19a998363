"""The watched folder of a test."""

from pathlib import Path

import pytest

from publisher.store import Runtime
from tests.services.runtimes import Clock
from tests.sources.folder import Watched


@pytest.fixture
def watched(runtime: Runtime, clock: Clock, tmp_path: Path) -> Watched:
    """An empty folder, not watched yet; the test runs once on each database."""
    return Watched(runtime, clock, tmp_path / "inbox")
