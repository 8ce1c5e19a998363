"""The invented newsroom, for tests that freeze editions and send nothing."""

import pytest

from publisher.store import Runtime
from tests.world import World


@pytest.fixture
def world(runtime: Runtime) -> World:
    """The newsroom."""
    return World(runtime)
