"""Fixtures that every test may ask for, the rules of a run, and what its last lines say."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.services.environment import SHARED_FIXTURES, is_worker, under_ci
from tests.services.left_out import MISSING_SERVICES, last_lines, leave_out_files

pytest_plugins = [
    "tests.services.browser",
    "tests.services.network",
    "tests.services.parallel",
    "tests.services.postgres",
    "tests.services.redis",
    "tests.services.runtimes",
    "tests.services.smtp",
]

settings.register_profile(
    "publisher",
    deadline=None,
    database=None,
    derandomize=under_ci(),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("publisher")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_caller() -> Iterator[None]:
    """A shell in which Publisher is set up does not change what the tests see."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("PUBLISHER_"):
                patch.delenv(name)
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database; the test runs once on each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'publisher.db'}"


@pytest.fixture(scope="session")
def shared_fixtures() -> Path:
    """The folder of sample articles that may lie beside the checkout."""
    if not SHARED_FIXTURES.is_dir():
        leave_out_files("Shared fixtures", f"there is no {SHARED_FIXTURES}")
    return SHARED_FIXTURES


def pytest_configure() -> None:
    """A shell that runs us in the background has SIGINT ignored, and our children would, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under CI a run that could not try everything is a failed run."""
    if under_ci() and MISSING_SERVICES and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The last lines of a run: what was left out, and why."""
    if is_worker(config):
        return
    for line in last_lines(under_ci=under_ci()):
        print(line)  # noqa: T201 - after pytest's own summary, so that it cannot be missed
