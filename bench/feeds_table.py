"""The tables of the bench of feeds: medians over all runs of a file, and what was promised."""

import statistics
from collections.abc import Iterator

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.feeds_hub import CASE as OWN_HUB
from bench.feeds_news import CASE
from bench.results import Results
from bench.targets import Verdict

_TIMES, _MILLI = 10, 1000.0
_SHARE, _NEWS_S = 0.25, 2.0
_NEWS = {
    "the site's feed is served": "site_s",
    "all of its feeds are served": "all_s",
    "a hub is told of the site's feed": "site_told_s",
    "a hub is told of all of its feeds": "all_told_s",
    "a subscriber of our own hub has the site's feed": "site_brought_s",
}
_PROMISED = {
    "in all of its feeds": "all_s",
    "hub told of all": "all_told_s",
    "brought by our own hub": "site_brought_s",
}


def show(results: Results) -> None:
    """Print everything that the results hold, as Markdown."""
    console = Console(width=140, highlight=False, emoji=False, markup=False)
    for table in (_writing(results), _serving(results), _news(results)):
        if table.row_count:
            console.print(table)
    promises = Table("what", "must reach", "reached", "", box=MARKDOWN)
    for verdict in _verdicts(results):
        promises.add_row(verdict.what, verdict.wanted, verdict.found, verdict.word)
    console.print(promises)


def _writing(results: Results) -> Table:
    titles = ("one new story", "runs", "ours ms", "feedgen ms", "ratio")
    beside = ("story from templates ms", "self-check ms", "compression ms")
    table = Table(*titles, *beside, box=MARKDOWN)
    for case in results.cases():
        if case.startswith(("write/", "publish/")):
            figures = ("ours_s", "peer_s", "ratio", "compose_s", "check_s", "compress_s")
            found = [results.median(case, name) for name in figures]
            cells = [
                "" if value is None else f"{value * (1 if name == 'ratio' else _MILLI):.2f}"
                for name, value in zip(figures, found, strict=True)
            ]
            table.add_row(case, str(len(results.of(case))), *cells)
    return table


def _serving(results: Results) -> Table:
    table = Table("served on one core", "runs", "requests/s", "÷ nginx", box=MARKDOWN)
    for case in results.cases():
        if case.startswith("serve/"):
            rate = results.median(case, "rate") or 0.0
            share = _share(results, case)
            runs = str(len(results.of(case)))
            table.add_row(case, runs, f"{rate:,.0f}", "" if share is None else f"{share:.2f}")
    return table


def _share(results: Results, case: str) -> float | None:
    """Of nginx's rate, the median over rounds; what was measured in one round is compared."""
    nginx = results.of(f"{case.rpartition('/')[0]}/nginx")
    pairs = zip(results.of(case), nginx, strict=False)
    return statistics.median([run["rate"] / base["rate"] for run, base in pairs] or [0.0]) or None


def _news(results: Results) -> Table:
    table = Table("from the commit until", "stories", "p50 s", "p99 s", "longest s", box=MARKDOWN)
    for what, figure in _NEWS.items():
        delays = _delays(results, figure)
        if delays:
            seconds = (statistics.median(delays), _p99(delays), delays[-1])
            table.add_row(what, str(len(delays)), *(f"{value:.2f}" for value in seconds))
    return table


def _verdicts(results: Results) -> Iterator[Verdict]:
    for fmt in ("rss", "atom"):
        ratio = results.median(f"write/{fmt}/50", "ratio")
        yield Verdict(f"one new story in a feed of 50, {fmt}, against feedgen", _TIMES, ratio, "×")
    share = _share(results, "serve/304/ours") if results.of("serve/304/nginx") else None
    yield Verdict("304 on one core, against nginx", _SHARE, share, "×")
    for what, figure in _PROMISED.items():
        delays = _delays(results, figure)
        p99 = _p99(delays) if delays else None
        yield Verdict(f"committed → {what}, p99", _NEWS_S, p99, "s", at_least=False)


def _delays(results: Results, figure: str) -> list[float]:
    runs = [*results.of(CASE), *results.of(OWN_HUB)]
    return sorted(run[figure] for run in runs if figure in run)


def _p99(delays: list[float]) -> float:
    return delays[min(len(delays) - 1, int(len(delays) * 0.99))]
