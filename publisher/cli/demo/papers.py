"""The articles of the invented newspaper: texts beside this file, dates filled in when used."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Literal

from babel.dates import format_date

Bundle = Literal["morning", "correction", "evening"]

_BLANK = re.compile(r"@\{(\w+) ([^}]+)\}")
_SPANS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Dates:
    """What the blanks of a text are filled from: when the demo began, and where pictures are."""

    began: datetime
    pictures_url: str


def hand_in(bundle: Bundle, inbox: Path, dates: Dates) -> list[Path]:
    """Put a bundle of articles into a folder as an editor would; returns the files."""
    folder = files("publisher.cli.demo") / "articles" / bundle
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()}
    return [_put(inbox / name, filled_in(text, dates)) for name, text in sorted(texts.items())]


def filled_in(text: str, dates: Dates) -> str:
    """The text with its blanks filled in.

    `@{iso -3h}` is a moment, `@{weekday +1d}` its weekday (`wochentag` in German), and
    `@{picture ferry}` the address of a picture.
    """
    return _BLANK.sub(lambda blank: _value(blank[1], blank[2], dates), text)


def _value(kind: str, detail: str, dates: Dates) -> str:
    if kind == "picture":
        return f"{dates.pictures_url}/{detail}.png"
    moment = dates.began + timedelta(**{_SPANS[detail[-1]]: int(detail[:-1])})
    if kind == "iso":
        return moment.isoformat(timespec="seconds")
    language = {"weekday": "en", "wochentag": "de"}[kind]
    return format_date(moment, "EEEE", locale=language)


def _put(path: Path, text: str) -> Path:
    """Whole at once: a hidden name is not looked at."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
    return path
