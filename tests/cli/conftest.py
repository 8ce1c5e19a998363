"""A shell for tests: commands run through the console entry, on a home of the test's own."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from publisher.cli.main import run
from tests.services.environment import clean_environment, command
from tests.services.runtimes import forget_broker


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What was printed with --json, an object for each line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        """The only object that was printed."""
        (only,) = self.rows
        return only


Shell = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a database at the newest shape; every command of the test works on it."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(migrated_sqlite, folder / "publisher.db")
    monkeypatch.setenv("PUBLISHER_HOME", str(folder))
    monkeypatch.setenv("PUBLISHER_SITE_NAME", "The Harbour Record")
    monkeypatch.setenv("PUBLISHER_ZONE", "Europe/Berlin")
    forget_broker()
    return folder


@pytest.fixture
def shell(home: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Run a command in this process: `shell("db", "check", "--json").row`."""

    def type_in(*words: str | Path) -> Said:
        capsys.readouterr()
        code = run([str(word) for word in words])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return type_in


@pytest.fixture
def program(home: Path, tmp_path: Path) -> Shell:
    """Run a command as a process of its own, as somebody at a terminal would."""

    def start(
        *words: str | Path,
        cwd: Path = tmp_path,
        settings: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Said:
        done = subprocess.run(
            [command("publisher"), *map(str, words)],
            cwd=cwd,
            env=clean_environment(tmp_path, **{"PUBLISHER_HOME": str(home), **(settings or {})}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return start
