"""How fast feeds are written, published, served, and how soon news is in them.

`python -m bench.feeds --quick`; bench/README.md says what is measured and against what.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from bench.feeds_hub import measure_own_hub
from bench.feeds_news import measure_news
from bench.feeds_serve import measure_serving
from bench.feeds_table import show
from bench.feeds_write import measure_publishing, measure_writing
from bench.results import FOLDER, Results, newest
from publisher.settings import load_settings
from publisher.store import utc_now

PARTS = ("write", "publish", "serve", "news", "hub")


def main() -> None:
    """Measure what was asked for, keep every figure, print medians, ratios and verdicts."""
    asked = _arguments()
    if not asked.table:
        _measure(asked)
    show(Results.at(newest(FOLDER.glob(f"feeds-*.{'tmp' if asked.quick else 'json'}"))))


def _measure(asked: Namespace) -> None:
    results = Results.at(_file(quick=asked.quick))
    results.begin({name: str(value) for name, value in vars(asked).items()})
    site = load_settings(base_url="https://news.harbour.example", site_name="The Harbour Record")
    rounds, stories, seconds = (2, 10, 1) if asked.quick else (asked.rounds, asked.stories, 3)
    parts = {
        "write": lambda: measure_writing(site, results, rounds),
        "publish": lambda: measure_publishing(site, results, rounds),
        "serve": lambda: measure_serving(results, rounds, seconds),
        "news": lambda: measure_news(results, stories),
        "hub": lambda: measure_own_hub(results, stories),
    }
    for name in asked.only.split(","):
        parts[name]()
    print(f"Kept in {results.path}")


def _file(*, quick: bool) -> Path:
    date = utc_now().date().isoformat()
    return FOLDER / (f"feeds-{date}-quick.tmp" if quick else f"feeds-{date}.json")


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench.feeds", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds: does everything work?")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, by comma (all)")
    parser.add_argument("--rounds", type=int, default=7, help="of every case (7)")
    parser.add_argument("--stories", type=int, default=200, help="of the news (200)")
    parser.add_argument("--table", action="store_true", help="the newest results once more")
    return parser.parse_args()


if __name__ == "__main__":
    main()
