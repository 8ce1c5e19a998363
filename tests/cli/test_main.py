import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from publisher.cli.main import application
from tests.cli.conftest import Shell
from tests.services.environment import clean_environment, command


def test_the_version_is_printed(shell: Shell) -> None:
    said = shell("--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("publisher ")


@pytest.mark.parametrize("words", [["--help"], ["db", "--help"], ["doctor", "-h"]])
def test_every_command_explains_itself(words: list[str]) -> None:
    said = CliRunner().invoke(application(), words)
    assert said.exit_code == 0
    assert "Usage" in said.output


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["databse"], "No such command 'databse'. See: publisher --help"),
        (["db", "chek"], "Did you mean 'check'?"),
        (["doctor", "--loud"], "See: publisher doctor --help"),
        (["web", "--port", "70000"], "'--port'"),
    ],
)
def test_a_misused_command_says_how_it_is_used(shell: Shell, words: list[str], hint: str) -> None:
    said = shell(*words)
    assert said.code == 2
    assert said.err.startswith("publisher: ")
    assert hint in said.err
    assert said.err.count("\n") == 1


def test_a_wrong_setting_is_named_and_ends_with_78(program: Shell) -> None:
    said = program("db", "check", settings={"PUBLISHER_BASE_URL": "harbour-record"})
    assert said.code == 78
    assert said.err.startswith("publisher: PUBLISHER_BASE_URL: ")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PUBLISHER_DATABASE_URL", "harbour"),
        ("PUBLISHER_DATABASE_URL", "mysql://editor:tide@127.0.0.1/harbour"),
        ("PUBLISHER_ZONE", "Mars/Olympus"),
        ("PUBLISHER_SMTP_PORT", "twenty-five"),
        ("PUBLISHER_SECRET_KEY_FILE", "/nowhere/key"),
    ],
)
def test_every_wrong_setting_is_named(program: Shell, setting: str, value: str) -> None:
    said = program("articles", "list", settings={setting: value})
    assert said.code == 78
    assert said.err.startswith(f"publisher: {setting}: ")
    assert said.err.count("\n") == 1


def test_words_that_are_no_text_are_refused(shell: Shell) -> None:
    said = shell("articles", "list", "--section", "\udcff")
    assert said.code == 1
    assert "UTF-8" in said.err


def test_ctrl_c_ends_a_command_with_130(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("publisher.store.upgrade.upgrade", interrupted)
    said = shell("db", "upgrade")
    assert (said.code, said.err) == (130, "")


def test_a_home_that_cannot_be_written_is_named(program: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    said = program("db", "upgrade", settings={"PUBLISHER_HOME": str(tmp_path / "file" / "home")})
    assert said.code == 78
    assert "PUBLISHER_HOME" in said.err
    assert "Traceback" not in said.err


def test_a_database_that_does_not_answer_ends_with_75(program: Shell) -> None:
    nowhere = "postgresql://editor@127.0.0.1:1/harbour"
    said = program("db", "check", settings={"PUBLISHER_DATABASE_URL": nowhere})
    assert said.code == 75
    assert "The database does not answer" in said.err


def test_the_unexpected_is_one_line_and_the_rest_is_in_the_log(program: Shell, home: Path) -> None:
    (home / "publisher.db").write_bytes(b"this is no database, and never was one" * 40)
    said = program("db", "check")
    assert said.code == 70
    assert said.err.count("\n") == 1
    assert "Traceback" in (home / "log" / "publisher.log").read_text()


def test_a_traceback_is_shown_only_at_log_level_debug(program: Shell, home: Path) -> None:
    (home / "publisher.db").write_bytes(b"this is no database, and never was one" * 40)
    said = program("db", "check", settings={"PUBLISHER_LOG_LEVEL": "debug"})
    assert "Traceback" in said.err


def test_a_reader_that_left_early_is_no_error(home: Path, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [command("publisher"), "doctor"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=clean_environment(tmp_path, PUBLISHER_HOME=str(home)),
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_closed_standard_output_is_no_error(home: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" db check --json >&- 2>&-', command("publisher")],
        env=clean_environment(tmp_path, PUBLISHER_HOME=str(home)),
        timeout=60,
        check=False,
    )
    assert done.returncode == 0


def test_a_terminal_that_lacks_letters_is_no_error(program: Shell) -> None:
    narrow = {"PYTHONIOENCODING": "ascii", "PUBLISHER_SITE_NAME": "Hafenblatt Öland 港"}
    said = program("doctor", settings=narrow)
    assert (said.code, said.err) == (0, "")


def test_a_strangers_modules_in_the_folder_are_never_imported(
    program: Shell, tmp_path: Path
) -> None:
    folder = tmp_path / "stranger"
    folder.mkdir()
    for name in ("tasks", "celery", "publisher", "alembic", "templates"):
        (folder / f"{name}.py").write_text(f"raise SystemExit('a stranger: {name}')\n")
    for words in (["doctor"], ["db", "upgrade"], ["desk-link"]):
        assert program(*words, cwd=folder).code == 0
