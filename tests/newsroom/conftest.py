"""The desk of each test of the newsroom."""

import pytest

from publisher.store import Runtime
from tests.newsroom.desk import Desk


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    """An empty newsroom; the test runs once on each database."""
    return Desk(runtime)
