"""What a delivery bench must reach, and whether it did."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.results import Results

_KINDS = ("sqlite", "postgresql")
_FAR, _FAR_MS = 5, 80  # so many times smtplib, at that round trip


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise; no `limit`: nothing was promised; no `value`: it was not measured."""

    what: str
    limit: float | None
    value: float | None
    unit: str
    at_least: bool = True

    @property
    def wanted(self) -> str:
        """The limit in words."""
        if self.limit is None:
            return "–"
        return f"{'≥' if self.at_least else '≤'} {self.limit:g} {self.unit}"

    @property
    def found(self) -> str:
        """What was measured, in words."""
        return "not measured" if self.value is None else f"{self.value:.3g} {self.unit}"

    @property
    def word(self) -> str:
        """The verdict."""
        if self.value is None or self.limit is None:
            return ""
        reached = self.value >= self.limit if self.at_least else self.value <= self.limit
        return "met" if reached else "NOT MET"


def verdicts(results: Results) -> Iterator[Verdict]:
    """Every promise, held against the medians."""
    for kind in _KINDS:
        yield from _of_kind(results, kind)
    for trip in (20, 80):
        for other in ("kept", "each"):
            value = _quotient(results, f"trip{trip}/ours", f"trip{trip}/{other}")
            what = f"{trip} ms round trip, against smtplib, connection {other}"
            yield Verdict(what, _FAR if trip == _FAR_MS else None, value, "×")


def _of_kind(results: Results, kind: str) -> Iterator[Verdict]:
    one, many, naive = f"engine/{kind}/one", f"engine/{kind}/many", f"naive/{kind}"
    yield Verdict(f"{kind}: against smtp-source", 0.9, results.median(one, "ratio"), "×")
    signed = results.median(f"{one}/dkim", "ratio")
    yield Verdict(f"{kind}: with DKIM RSA-2048", 0.5, signed, "×")
    yield Verdict(f"{kind}: many variants against one", 0.8, _quotient(results, many, one), "×")
    yield Verdict(f"{kind}: against the naive loop", 150, _quotient(results, one, naive), "×")
    worker = results.median(one, "worker_us")
    yield _most(f"{kind}: worker CPU a message", 200, worker, "µs")
    store = _sum(results, f"store/{kind}", ("client_us", "server_us"))
    yield _most(f"{kind}: database CPU a delivery", 20, store, "µs")
    yield _most(f"{kind}: a child's peak", 120, _highest(results, kind), "MB")
    yield _most(f"{kind}: its growth with the readers", 1.1, _growth(results, kind), "×")


def _most(what: str, limit: float, value: float | None, unit: str) -> Verdict:
    return Verdict(what, limit, value, unit, at_least=False)


def _quotient(results: Results, one: str, other: str) -> float | None:
    above, below = results.median(one, "rate"), results.median(other, "rate")
    return above / below if above and below else None


def _sum(results: Results, case: str, figures: tuple[str, ...]) -> float | None:
    values = [value for figure in figures if (value := results.median(case, figure)) is not None]
    return sum(values) if values else None


def _highest(results: Results, kind: str) -> float | None:
    cases = [case for case in results.cases() if kind in case]
    peaks = [peak for case in cases if (peak := results.median(case, "peak_mb")) is not None]
    return max(peaks, default=None)


def _growth(results: Results, kind: str) -> float | None:
    """The peak with the most readers over that with the fewest."""
    cases = [case for case in results.cases() if case.startswith(f"memory/{kind}/")]
    cases.sort(key=lambda case: int(case.rpartition("/")[2]))
    peaks = [peak for case in cases if (peak := results.median(case, "peak_mb")) is not None]
    return peaks[-1] / peaks[0] if len(peaks) > 1 else None
