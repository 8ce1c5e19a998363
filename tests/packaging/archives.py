"""What a build gives: the archives, and an environment that one of them was installed in."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services.environment import clean_environment


@dataclass(frozen=True, slots=True)
class Built:
    """The two archives of one build."""

    sdist: Path
    wheel: Path


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment that holds the wheel; `home` is the state of its newsroom."""

    scripts: Path
    home: Path

    def command(self, *words: str) -> list[str]:
        return [str(self.scripts / "publisher"), *words]

    def environment(self) -> dict[str, str]:
        return clean_environment(self.home, PUBLISHER_HOME=str(self.home / "var"))

    def run(self, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """`publisher WORDS…` in `folder`, its output captured."""
        return subprocess.run(
            self.command(*words),
            cwd=folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
