"""The installed wheel works from any folder, whatever else lies in that folder."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.packaging.archives import Installed

PATIENCE_S = 60.0
READING = [
    ("--help",),
    ("doctor", "--help"),
    ("db", "upgrade"),
    ("articles", "list", "--json"),
    ("feeds", "list", "--json"),
    ("newsletters", "list", "--json"),
    ("editions", "list", "--json"),
    ("subscribers", "list", "--json"),
]


def test_help_is_given_in_any_folder(installed: Installed, tmp_path: Path) -> None:
    answer = installed.run("--help", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "pickup" in answer.stdout


def test_an_article_is_rendered_with_the_templates_of_the_wheel(
    installed: Installed, article: Path, tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    answer = installed.run(
        "preview", str(article), "--output", str(pages), "--no-open", folder=tmp_path
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    written = [path.read_text(encoding="utf-8") for path in pages.rglob("*") if path.is_file()]
    assert any("Harbour wall repaired" in text for text in written)


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_command_ignores_a_strangers_modules(
    installed: Installed, strangers_folder: Path, words: tuple[str, ...]
) -> None:
    answer = installed.run(*words, folder=strangers_folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "stranger" not in answer.stdout + answer.stderr


def test_a_pickup_ignores_a_strangers_modules(
    installed: Installed, strangers_folder: Path, article: Path
) -> None:
    answer = installed.run("pickup", str(article), "--json", folder=strangers_folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Harbour wall repaired" in answer.stdout


@pytest.mark.parametrize(("word", "sign"), [("worker", " ready."), ("beat", " is starting.")])
def test_a_process_that_stays_up_ignores_a_strangers_modules(
    installed: Installed, strangers_folder: Path, tmp_path: Path, word: str, sign: str
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            installed.command(word),
            cwd=strangers_folder,
            env={**installed.environment(), "PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    limit = time.monotonic() + PATIENCE_S
    while sign not in log.read_text(encoding="utf-8") and time.monotonic() < limit:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    said = log.read_text(encoding="utf-8")
    assert sign in said
    assert "stranger" not in said
