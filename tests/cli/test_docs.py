from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from publisher.cli.main import application
from publisher.settings import Settings
from tests.cli.settings_page import PAGE, page
from tests.services.environment import ROOT

COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def test_the_page_of_settings_is_complete_and_current() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_of_commands_has_every_command_and_no_other() -> None:
    rows = [line.split("|")[1].strip(" `") for line in COMMANDS.splitlines() if "| `pub" in line]
    assert sorted(rows) == sorted(name for name, _ in _commands())


def test_the_page_of_commands_has_every_option_of_each() -> None:
    missing = [
        f"{name} {option}"
        for name, command in _commands()
        for option in _options(command)
        if f"{option}" not in _row(name)
    ]
    assert missing == []


def test_the_page_of_commands_names_no_option_that_is_not_there() -> None:
    for name, command in _commands():
        words = _row(name).split("|")[2].replace("`", " ").replace("/", " ").split()
        named = {word for word in words if word.startswith("--")}
        assert named <= set(_options(command)), name


def _commands() -> Iterator[tuple[str, Any]]:
    yield from _below("publisher", get_command(application()))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for word, one in inner.items():
        yield from _below(f"{name} {word}", one)


def _options(command: Any) -> list[str]:
    options = [option for one in command.params for option in [*one.opts, *one.secondary_opts]]
    return [option for option in options if option.startswith("--") and option != "--json"]


def _row(name: str) -> str:
    return next((line for line in COMMANDS.splitlines() if f"| `{name}` |" in line), "")
