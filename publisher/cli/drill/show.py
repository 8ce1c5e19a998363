"""What a drill shows: for people a bar, a table and a verdict, for programs an object a line."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from publisher.cli.drill.run import Result
from publisher.cli.drill.strike import Kill
from publisher.cli.drill.sums import MOST_IN_FLIGHT
from publisher.cli.output import emit, say, sheet, table

MOST_SHOWN = 12


class Bar:
    """How many kills there were, and what was done last; nothing where nobody watches."""

    def __init__(self, progress: Progress, kills: int) -> None:
        self._progress = progress
        self._task = progress.add_task("workers are killed", total=kills)

    def show(self, kill: Kill) -> None:
        """One more."""
        self._progress.update(self._task, advance=1, description=f"killed {kill.where}")


@contextmanager
def bar(kills: int, *, quiet: bool) -> Iterator[Bar]:
    """A bar on standard error while the drill goes on."""
    console = Console(stderr=True)
    columns = (
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(
        *columns, console=console, transient=True, disable=quiet or not console.is_terminal
    ) as progress:
        yield Bar(progress, kills)


def show_json(result: Result) -> None:
    """Every kill, and the sums on the last line."""
    for kill, uncertain in zip(result.kills, result.uncertain_after, strict=True):
        emit(
            {
                "kill": kill.number,
                "where": kill.where.value,
                "edition": kill.edition,
                "accepted": kill.accepted,
                "uncertain_after": uncertain,
            }
        )
    emit(result.as_json())


def show(result: Result) -> None:
    """The kills, the sums, and whether they are as they should be."""
    rows = [
        (kill.number, kill.edition, kill.where.value, f"{kill.accepted:,}", uncertain)
        for kill, uncertain in zip(result.kills, result.uncertain_after, strict=True)
    ]
    table(
        ("kill", "edition", "where", "accepted by then", "uncertain after"),
        rows,
        empty="Nobody was killed.",
    )
    say()
    sheet(_facts(result))
    say()
    for line in result.left_out:
        say(line, style="dim")
    _say_verdict(result)


def _facts(result: Result) -> list[tuple[str, str]]:
    sums = result.sums
    most = MOST_IN_FLIGHT * len(result.kills) * result.connections
    return [
        ("Eligible", f"{sums.eligible:,} ({result.editions} editions, {result.readers} readers)"),
        ("At the mail server", f"{sums.at_server:,}"),
        ("Accepted in the rows", f"{sums.accepted:,}"),
        ("Uncertain in the rows", f"{sums.uncertain} (at most {most} may be)"),
        ("Missing", f"{sums.missing}"),
        ("Duplicates", f"{sums.duplicates}"),
        ("Kills", f"{len(result.kills)} in {result.seconds:.0f} s, seed {result.seed}"),
        ("Connections at once", f"{result.connections}"),
    ]


def _say_verdict(result: Result) -> None:
    differences = result.sums.differences
    for line in differences[:MOST_SHOWN]:
        say(f"✗ {line}", style="red")
    if len(differences) > MOST_SHOWN:
        say(f"and {len(differences) - MOST_SHOWN} more like these.")
    if result.sums.hold:
        say(
            "✓ Nobody is missing and nobody got anything twice; every doubt is listed.",
            style="green",
        )
