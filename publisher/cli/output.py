"""What the command line prints: JSON lines for programs, tables and sentences for people.

Whatever comes from outside (titles, file names, replies of servers) may hold control characters
or markup; none of it reaches the terminal as such.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TextIO

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object a line, for other programs.")
]
PIPE_WIDTH = 240
NOTHING = "-"


def emit(row: Mapping[str, Any]) -> None:
    """Print one object on one line; times as ISO 8601 with their offset."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    write(json.dumps(row, ensure_ascii=not utf8, default=_as_json) + "\n")


def write(text: str) -> None:
    """Print text as it is: for other programs."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _go_on_unread()


def say(sentence: str = "", *, style: str = "") -> None:
    """Print a sentence for people."""
    show(Text(plain(sentence) if sentence else "", style=style))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows under their headings, or the sentence `empty` where there are none."""
    grid = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        grid.add_column(column, no_wrap=place == 0, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(plain(value)) for value in row))
    if grid.row_count:
        show(grid)
    else:
        say(empty)


def sheet(pairs: Iterable[tuple[str, object]]) -> None:
    """Print what is known of one thing, a line for each fact."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(Text(name), Text(plain(value)))
    show(grid)


def show(what: RenderableType) -> None:
    """Print something of rich's on standard output."""
    _console(sys.stdout).print(what, soft_wrap=isinstance(what, Text))


def complain(message: str) -> None:
    """Say on standard error what went wrong and what to do, in the project's own form."""
    try:
        sys.stderr.write(f"publisher: {plain(message)}\n")
        sys.stderr.flush()
    except OSError:
        return  # nobody listens


def plain(value: object) -> str:
    """`value` for people's eyes; control characters of terminals become spaces."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(one) for one in value) or NOTHING
    return "".join(" " if _dangerous(sign) else sign for sign in str(value))


def stand_firm() -> None:
    """Make the three standard streams usable, whatever the caller left of them.

    A closed one would hand its number to the next file opened, a database for instance; text
    that the terminal's encoding lacks would end the command.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = _tolerant(sys.stdout)
    sys.stderr = _tolerant(sys.stderr)


def finish() -> None:
    """Flush what was printed; a reader that left early (`| head`) is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _go_on_unread()


def _console(file: TextIO) -> Console:
    width = None if file.isatty() else PIPE_WIDTH
    return _Printer(file=file, width=width, highlight=False, emoji=False, markup=False)


class _Printer(Console):
    def on_broken_pipe(self) -> None:
        _go_on_unread()


def _go_on_unread() -> None:
    """Print into nothing from now on: half of a pick-up would be worse than silence."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tolerant(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - for the whole run
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _dangerous(sign: str) -> bool:
    return sign != "\n" and unicodedata.category(sign) in {"Cc", "Cs"}


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)
