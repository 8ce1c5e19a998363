"""The Redis of docker-compose.yml starts closed to strangers, and its health check tells."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from publisher.cli.ports import next_free
from tests.services.environment import clean_environment
from tests.services.left_out import leave_out
from tests.stories.production.compose import SERVICES
from tests.stories.waiting import until

PASSWORD = "tide-table-1874"
PLACES = re.compile(r"(?<=[\s(])/(?:run/)?(secrets|tmp|data)\b")


@pytest.fixture
def port() -> int:
    return next_free("127.0.0.1", 43700)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Stands in for the container's file system."""
    for name in ("data", "secrets", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "secrets" / "redis_password").write_text(PASSWORD, encoding="utf-8")
    return tmp_path


@pytest.fixture
def server(folder: Path, port: int) -> Iterator[None]:
    """The service's own command, on a free port."""
    if not (shutil.which("redis-server") and shutil.which("redis-cli")):
        leave_out("Redis", "install redis-server and redis-cli to try the compose file's service")
    shell, option, script = SERVICES["redis"]["command"]
    words = [shell, option, f"{_here(script, folder)} --bind 127.0.0.1 --port {port}"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(words, env=clean_environment(folder), stdout=log)
    yield
    running.terminate()
    running.wait(10)


def test_redis_wants_its_password_and_its_health_check_passes(
    server: None, folder: Path, port: int
) -> None:
    kind, check = SERVICES["redis"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    asked = _here(check, folder).replace("redis-cli", f"redis-cli -p {port}")
    until("Redis is well", lambda: _succeeds(asked, folder))

    with (
        redis.Redis(port=port) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
    assert oct((folder / "tmp" / "redis.conf").stat().st_mode)[-3:] == "600"


def _here(text: str, folder: Path) -> str:
    return PLACES.sub(lambda found: f"{folder}/{found[1]}", text.replace("$$", "$"))


def _succeeds(words: str, folder: Path) -> bool:
    asked = ["sh", "-c", words]
    done = subprocess.run(asked, env=clean_environment(folder), capture_output=True, check=False)
    return done.returncode == 0
