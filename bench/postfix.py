"""Where `smtp-source` and `smtp-sink` come from: Debian's postfix package, never installed."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.settings import child_environment

CACHE = Path.home() / ".cache" / "publisher-bench"


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the two programs lie, and the folder of their libraries."""

    folder: Path
    libraries: Path | None

    def command(self, name: str, *words: str) -> list[str]:
        """The command line of one of the programs."""
        return [str(self.folder / name), *words]

    def environment(self) -> dict[str, str]:
        """Ours, with their libraries to be found."""
        more = {"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {}
        return {**child_environment(), **more}


def find_tools(given: Path | None) -> Tools:
    """The tools in `given` (a folder that the package was unpacked to), on PATH, or downloaded.

    Raises SystemExit that says what to do where they cannot be had.
    """
    on_path = shutil.which("smtp-source")
    if given:
        return _unpacked(given)
    if on_path and shutil.which("smtp-sink"):
        return Tools(Path(on_path).parent, None)
    if not (CACHE / "postfix").is_dir():
        _download()
    return _unpacked(CACHE / "postfix")


def _unpacked(folder: Path) -> Tools:
    found = sorted(folder.rglob("smtp-source"))
    if not found:
        raise SystemExit(f"There is no smtp-source in {folder}: unpack the postfix package there.")
    return Tools(found[0].parent, next(iter(sorted(folder.glob("usr/lib/postfix"))), None))


def _download() -> None:
    """Fetch the package with apt, and unpack it without running anything in it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        _run(["apt-get", "download", "postfix"])
        package = max(CACHE.glob("postfix_*.deb"))
        _run(["dpkg-deb", "-x", str(package), "postfix"])
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise SystemExit(
            f"smtp-source and smtp-sink could not be had ({error}). Install postfix, or unpack its "
            "package and name the folder: --postfix FOLDER"
        ) from None


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, cwd=CACHE, check=True, capture_output=True)
