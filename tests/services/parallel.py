"""A run on several cores: each worker has servers of its own and tests that belong together."""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.services.environment import given, is_worker
from tests.services.left_out import add_left_out, left_out

# Their tests share a newsroom that is up, or a wheel; elsewhere those of a file stay together.
_SHARE = ("tests/stories/ordinary_days/", "tests/stories/production/", "tests/packaging/")
_LONGEST_FIRST = ("tests/stories/", "tests/cli/", "tests/docs/", "tests/packaging/", "")
_LEFT_OUT = "left_out"


class TestsThatBelongTogether(LoadScopeScheduling):
    """Hands them to one worker, in the order in which they were collected."""

    __test__ = False

    def _split_scope(self, nodeid: str) -> str:
        for folder in _SHARE:
            if nodeid.startswith(folder):
                return folder
        return nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, for tests of processes wait a lot; none on a given Redis.

    It is one database, which each test empties.
    """
    return 0 if given("TEST_REDIS_URL") else (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TestsThatBelongTogether:
    """Tests go out in the order in which they were collected."""
    config.option.loadscopereorder = False
    return TestsThatBelongTogether(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes longest first, on a worker."""
    if is_worker(config):
        items.sort(key=lambda item: list(map(item.nodeid.startswith, _LONGEST_FIRST)).index(True))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the run what its worker could not try."""
    if is_worker(session.config):
        session.config.workeroutput[_LEFT_OUT] = left_out()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear what a worker could not try; one that crashed says nothing."""
    add_left_out(getattr(node, "workeroutput", {}).get(_LEFT_OUT, {}))
