"""What the tests of feeds share."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def one_database(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A SQLite database of this test's own at the newest shape."""
    copy = tmp_path / "publisher.db"
    shutil.copy(migrated_sqlite, copy)
    return f"sqlite:///{copy}"
