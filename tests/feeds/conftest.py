"""What the tests of feeds share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.store import Runtime
from tests.feeds.samples import bring
from tests.feeds.subscribers import hub_of, news, willing
from tests.services.listener import Listener, listening


@pytest.fixture
def one_database(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A SQLite database of this test's own at the newest shape."""
    copy = tmp_path / "publisher.db"
    shutil.copy(migrated_sqlite, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def reader() -> Iterator[Listener]:
    """A program that means it when it subscribes."""
    with listening(willing) as listener:
        yield listener


@pytest.fixture
def hub(runtime: Runtime) -> Runtime:
    """A newsroom that is its own hub, with one story."""
    made = hub_of(runtime)
    bring(made, news())
    return made
