"""What the demo shows while it runs: chapters, steps with a moving bar, and how each went."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from publisher.cli.output import plain

_INDENT = 3


class Step:
    """One step while it runs; `result` is said once it is done."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self.result = ""

    def show(self, done: int, total: int) -> None:
        """How far it has come."""
        self._progress.update(
            self._task, completed=done, total=total, count=f"{done} of {total}", refresh=True
        )


class Screen:
    """Prints for people; where nobody watches (a pipe), only what is done."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def title(self, words: str, below: str) -> None:
        """What this is, at the very top."""
        self.console.print()
        self.console.print(Text(words, "bold"))
        self.console.print(Text(below, "dim"))

    def blank(self) -> None:
        """An empty line."""
        self.console.print()

    def chapter(self, words: str) -> None:
        """A new part begins."""
        self.console.print()
        self.console.print(Text(words, "bold cyan"))

    @contextmanager
    def step(self, words: str) -> Iterator[Step]:
        """Show that something is under way, then that it is done and how long it took."""
        began = time.monotonic()
        with self._progress() as progress:
            step = Step(progress, progress.add_task(words, total=None, count=""))
            try:
                yield step
            except BaseException:
                progress.stop()
                self._line("✗", "red", words)
                raise
        took = f"{time.monotonic() - began:.1f} s"
        self._line("✓", "green", words, *filter(None, [step.result, took]))

    def note(self, words: str) -> None:
        """Something worth knowing, below a step."""
        self.show(Text(plain(words), "dim"), indent=_INDENT + 2)

    def show(self, what: RenderableType, *, indent: int = _INDENT) -> None:
        """Anything of rich's, indented as the steps are."""
        self.console.print(Padding(what, (0, 0, 0, indent), expand=False))

    def _line(self, mark: str, colour: str, words: str, *results: str) -> None:
        """The mark hangs to the left of however many lines the words need."""
        line = Text(plain(words))
        for result in results:
            line.append(f" · {plain(result)}", "dim")
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row(Text(mark, f"bold {colour}"), line)
        self.show(grid)

    def _progress(self) -> Progress:
        return Progress(
            TextColumn(" "),
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[count]}", style="dim"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
