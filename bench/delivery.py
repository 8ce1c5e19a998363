"""How fast an edition reaches a mail server, against the fastest that Postfix's own tools can.

`python -m bench.delivery --quick` takes some minutes; bench/README.md says what is measured.
"""

import time
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from pathlib import Path

from bench.broken import BrokenRunError
from bench.cases import Case, all_cases, chosen
from bench.ground import Ground
from bench.postfix import find_tools
from bench.results import FOLDER, Results, Run, newest, today
from bench.sizes import Sizes
from bench.table import show

READERS, QUICK_READERS = 100_000, 5_000


def main() -> None:
    """Measure delivery in turns, keep every figure, and print the medians."""
    asked = _arguments()
    if asked.table:
        show(Results.at(asked.out or newest(FOLDER.glob("delivery-*"))))
        return
    sizes = Sizes.quick if asked.quick else Sizes.full
    results = Results.at(asked.out or today(quick=asked.quick))
    with ExitStack() as stack:
        tools = find_tools(asked.postfix)
        readers = asked.readers or (QUICK_READERS if asked.quick else READERS)
        ground = Ground(tools, sizes(readers), asked.processes, asked.connections, stack)
        cases = chosen(all_cases(ground), asked.only)
        results.begin({name: str(value) for name, value in vars(asked).items() if value})
        _run_all(cases, asked.rounds, results)
    show(results)
    print(f"Kept in {results.path}")


def _run_all(cases: list[Case], rounds: int, results: Results) -> None:
    """Every case once a round, so that what the machine does meanwhile strikes all of them."""
    turns = [(turn, case) for turn in range(rounds) for case in cases if not (case.once and turn)]
    began = time.monotonic()
    for done, (turn, case) in enumerate(turns):
        left = (time.monotonic() - began) / max(done, 1) * (len(turns) - done) / 60
        about = f" (about {left:.0f} minutes left)" if done else ""
        print(f"{done + 1} of {len(turns)}{about}: {case.name} … ", end="", flush=True)
        run = _run(case)
        results.add({"case": case.name, "round": turn + 1, **run})
        print(_in_short(run), flush=True)


def _run(case: Case) -> Run:
    began = time.monotonic()
    try:
        run = case.run()
    except Exception as broken:  # noqa: BLE001 - whatever it is, hours of other runs go on
        run = {"failed": str(broken) if isinstance(broken, BrokenRunError) else repr(broken)}
    return {**run, "took_s": round(time.monotonic() - began, 1)}


def _in_short(run: Run) -> str:
    if "failed" in run:
        return f"FAILED: {run['failed']}"
    shown = ("messages", "rate", "ratio", "worker_us", "cpu_us", "client_us", "peak_mb", "took_s")
    return ", ".join(f"{name} {run[name]:,.4g}" for name in shown if name in run)


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench.delivery", description=__doc__)
    parser.add_argument("--readers", type=int, help="of an edition (100,000)")
    parser.add_argument("--rounds", type=int, default=5, help="of every case, in turns (5)")
    parser.add_argument(
        "--only", nargs="*", default=[], metavar="WORD", help="cases with a word in their name"
    )
    parser.add_argument("--quick", action="store_true", help="see that it works, no more")
    parser.add_argument(
        "--postfix", type=Path, help="folder that Debian's postfix package is unpacked in"
    )
    parser.add_argument("--processes", type=int, default=2, help="of the worker (2)")
    parser.add_argument("--connections", type=int, default=6, help="of each of them (6)")
    parser.add_argument("--out", type=Path, help="results; what the file holds is kept")
    parser.add_argument("--table", action="store_true", help="print the newest results, no more")
    return parser.parse_args()


if __name__ == "__main__":
    main()
