"""Writes docs/settings.md from the settings themselves: `python -m tests.cli.settings_page`."""

import typing

from pydantic.fields import FieldInfo

from publisher.settings import PREFIX, Settings
from tests.services.environment import ROOT

PAGE = ROOT / "docs" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable. `NAME_FILE` may stand in for any `NAME` and names a file
that holds the value: use it for secrets. `publisher doctor` shows each value and where it comes
from. This page is written from the settings themselves: `python -m tests.cli.settings_page`.

| variable | what it is | form | default |
|---|---|---|---|
"""


def page() -> str:
    """The whole page as it should be."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return HEAD + "".join(rows)


def _row(name: str, field: FieldInfo) -> str:
    default = getattr(field.default, "get_secret_value", lambda: field.default)()
    shown = f"`{str(default).lower() if isinstance(default, bool) else default}`"
    cells = (
        f"`{PREFIX}{name.upper()}`",
        field.description or "",
        _form(field.annotation),
        shown if default != "" else "empty",
    )
    return f"| {' | '.join(cells)} |\n"


def _form(annotation: object) -> str:
    words = typing.get_args(annotation)
    if words:
        return ", ".join(f"`{word}`" for word in words)
    names = {"bool": "`true` or `false`", "int": "number", "float": "number", "Path": "folder"}
    name = getattr(annotation, "__name__", "")
    return names.get(name, "secret" if name == "SecretStr" else "text")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
