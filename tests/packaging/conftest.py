"""The wheel, built here without the network and installed beside the test environment."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.packaging.archives import Built, Installed
from tests.services.environment import ROOT, clean_environment


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist of this checkout, and the wheel made from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    _run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT], folder)
    [sdist], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Built(sdist, wheel)


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a new environment; what it depends on is lent by the test environment."""
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "env"
    _run([sys.executable, "-m", "venv", "--without-pip", environment], folder)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    _run([*pip, "install", "--quiet", "--no-index", "--no-deps", built.wheel], folder)
    _lend_dependencies(python, folder)
    return Installed(python.parent, folder)


def _lend_dependencies(python: Path, folder: Path) -> None:
    """A path file leads to the packages of the tests; it does not follow their own path files.

    So the checkout, which is installed there as editable, stays out of sight.
    """
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(_run([python, "-c", where], folder).strip())
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")


def _run(words: list[str | Path], folder: Path) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=clean_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """One article as a Markdown file in a folder of its own."""
    folder = tmp_path / "texts"
    folder.mkdir()
    path = folder / "harbour-wall.md"
    path.write_text(
        "---\ntitle: Harbour wall repaired\nsection: News\ndate: 2026-03-10 08:00\n---\n\n"
        "PORT ELLERY (HBR) — The harbour wall is whole again after two years of work.\n\n"
        "The council opened the promenade on Tuesday morning, in a wind that took two hats and "
        "the last page of the mayor's speech out to sea.\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def strangers_folder(tmp_path: Path) -> Path:
    """A folder holding somebody else's modules with the names of ours and of what we use."""
    folder = tmp_path / "somebody-else"
    folder.mkdir()
    for name in ("tasks", "celery", "publisher"):
        (folder / f"{name}.py").write_text(
            f"raise SystemExit('a stranger was imported: {name}')\n", encoding="utf-8"
        )
    return folder
