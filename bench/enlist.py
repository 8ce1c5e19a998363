"""How long enlisting takes, against a bare INSERT…SELECT of the same rows into the same table.

`python -m bench.enlist --readers 1000,100000,1000000`; bench/README.md says what is measured.
"""

import json
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.enlist_cases import CASES, Invent, Ready, prepare
from bench.enlist_round import arguments
from bench.houses import POSTGRESQL, SQLITE, Estate
from bench.results import FOLDER, Results
from bench.servers import estate

ROOT = Path(__file__).parents[1]
MOST, FROM = 5.0, 1_000_000  # times the bare insert, promised from so many deliveries on
MEGA = 1e6


def main() -> None:
    """Measure on each database, print medians and ratios, keep every figure."""
    asked = _arguments()
    for kind in asked.databases.split(","):
        results = Results(FOLDER / f"enlist-{kind}.json")
        results.begin({name: str(value) for name, value in vars(asked).items()})
        with estate(kind) as ground:
            for readers in map(int, asked.readers.split(",")):
                for name, invent in CASES.items():
                    _measure(ground, f"{name}/{readers}", invent, readers, asked.rounds, results)
        show(results, f"{ground.version}: enlisting")
        print(f"Kept in {results.path}\n")


def show(results: Results, title: str) -> None:
    """Print the medians, as Markdown; a ratio is that of one round."""
    table = Table(box=MARKDOWN)
    for heading in (title, "deliveries", "runs", "enlist s", "bare s", "ratio", "peak MB", ""):
        table.add_column(heading, justify="left" if heading == title else "right", no_wrap=True)
    for case in results.cases():
        ratio = results.median(case, "ratio") or 0.0
        figures = [results.median(case, name) or 0.0 for name in ("enlist_s", "bare_s")]
        table.add_row(
            case.partition("/")[0],
            f"{results.median(case, 'messages'):,.0f}",
            str(len(results.of(case))),
            *(f"{figure:.3f}" for figure in figures),
            f"{ratio:.2f}",
            f"{(results.median(case, 'peak_bytes') or 0) / MEGA:.0f}",
            _verdict(ratio, results.median(case, "messages") or 0),
        )
    Console(width=120, highlight=False).print(table)


def _verdict(ratio: float, deliveries: float) -> str:
    """With few deliveries the statements' own cost is most of it."""
    if deliveries < FROM:
        return ""
    return "kept" if ratio <= MOST else "MISSED"


def _measure(  # noqa: PLR0917 - one line of the bench
    ground: Estate, case: str, invent: Invent, readers: int, rounds: int, results: Results
) -> None:
    """Both sides in turns, the one that goes first changing."""
    ready = prepare(invent, readers, ground)
    for number in range(rounds):
        sides = {bare: _round(ground, ready, bare=bare) for bare in _order(number)}
        enlisted, bare = sides[False], sides[True]
        assert enlisted["messages"] == bare["messages"] == readers
        figures = {
            "enlist_s": enlisted["seconds"],
            "bare_s": bare["seconds"],
            "ratio": enlisted["seconds"] / bare["seconds"],
            "peak_bytes": enlisted["peak_bytes"],
            "messages": readers,
        }
        results.add({"case": case, "round": number + 1, **figures})
        print(f"{ground.kind} {case}: {figures['enlist_s']:.3f} s, ratio {figures['ratio']:.2f}")
    ground.databases.drop(ready.bare)
    ground.databases.drop(ready.due)


def _order(number: int) -> Sequence[bool]:
    return (False, True) if number % 2 else (True, False)


def _round(ground: Estate, ready: Ready, *, bare: bool) -> dict[str, Any]:
    """One side in a process and a database of its own."""
    address = ground.databases.fresh(ready.bare if bare else ready.due)
    values = ground.values(ground.folder, address)
    command = [sys.executable, "-m", "bench.enlist_round"]
    done = subprocess.run(
        [*command, *arguments(ready.act(bare=bare), values)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    ground.databases.drop(address)
    if done.returncode:
        raise SystemExit(done.stderr)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench.enlist", description=__doc__)
    parser.add_argument("--readers", default="1000,100000,1000000", help="sizes, by comma")
    parser.add_argument("--rounds", type=int, default=5, help="of every case (5)")
    parser.add_argument(
        "--databases", default=f"{SQLITE},{POSTGRESQL}", help="which, by comma (both)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
