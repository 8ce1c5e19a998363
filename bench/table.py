"""The tables of a delivery bench: medians, ratios within the run, and what had to be reached."""

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.results import Results
from bench.targets import verdicts

_WHOLE = 20  # from here on nobody needs decimals


def show(results: Results) -> None:
    """Print everything that the results hold, as Markdown."""
    console = Console(width=160, highlight=False, emoji=False, markup=False)
    for table in (_engine(results), _others(results), _store(results), _memory(results)):
        if table.row_count:
            console.print(table)
    console.print(_targets(results))
    for run in results.failures():
        console.print(f"FAILED: {run['case']}, round {run['round']}: {run['failed']}")


def _engine(results: Results) -> Table:
    titles = (
        *("edition → smtp-sink", "readers", "runs", "msg/s", "smtp-source", "ratio"),
        *("with all msg/s", "worker µs", "server µs", "sink µs", "child MB"),
    )
    figures = (
        *("rate", "base", "ratio", "whole_rate"),
        *("worker_us", "server_us", "sink_us", "peak_mb"),
    )
    return _table(results, ("engine/",), titles, ("messages",), figures)


def _others(results: Results) -> Table:
    titles = ("others", "messages", "runs", "msg/s", "CPU µs")
    prefixes = ("smtplib/", "naive/", "trip")
    return _table(results, prefixes, titles, ("messages",), ("rate", "cpu_us"))


def _store(results: Results) -> Table:
    titles = ("database, a delivery", "messages", "runs", "wall µs", "client µs", "server µs")
    figures = ("wall_us", "client_us", "server_us")
    return _table(results, ("store/",), titles, ("messages",), figures)


def _memory(results: Results) -> Table:
    titles = ("memory of a child", "enlisted", "sent", "runs", "peak MB")
    return _table(results, ("memory/",), titles, ("readers", "messages"), ("peak_mb",))


def _targets(results: Results) -> Table:
    table = Table("what", "must reach", "reached", "", box=MARKDOWN)
    for verdict in verdicts(results):
        table.add_row(verdict.what, verdict.wanted, verdict.found, verdict.word)
    return table


def _table(
    results: Results,
    prefixes: tuple[str, ...],
    titles: tuple[str, ...],
    counts: tuple[str, ...],
    figures: tuple[str, ...],
) -> Table:
    """A row for each case whose name begins so: counts, how many runs, and medians."""
    table = Table(box=MARKDOWN)
    table.add_column(titles[0], no_wrap=True)
    for title in titles[1:]:
        table.add_column(title, justify="right")
    for case in [case for case in results.cases() if case.startswith(prefixes)]:
        runs = str(len(results.of(case)))
        shown = [[_number(results.median(case, name)) for name in row] for row in (counts, figures)]
        table.add_row(case, *shown[0], runs, *shown[1])
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.2f}"
