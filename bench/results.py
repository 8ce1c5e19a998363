"""What was measured, kept as JSON: several invocations of one day add to one file."""

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from publisher.store import utc_now

FOLDER = Path(__file__).parent / "results"
_PACKAGES = ("celery", "kombu", "sqlalchemy", "sqlmodel", "psycopg", "redis", "cryptography")

Run = dict[str, Any]  # case, round, and the figures; or case, round and `failed`


@dataclass(slots=True)
class Results:
    """All runs of a file, oldest first, and of each invocation what machine it was on."""

    path: Path
    invocations: list[dict[str, Any]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    @classmethod
    def at(cls, path: Path) -> "Results":
        """What the file holds already; nothing where there is none."""
        if not path.exists():
            return cls(path)
        known = json.loads(path.read_text(encoding="utf-8"))
        return cls(path, known["invocations"], known["runs"])

    def begin(self, arguments: dict[str, Any]) -> None:
        """Note that a new invocation starts here."""
        self.invocations.append({"machine": _machine(), "arguments": arguments})

    def add(self, run: Run) -> None:
        """Keep one more run, at once: a long bench may be broken off."""
        moment = utc_now().isoformat(timespec="seconds")
        load = round(os.getloadavg()[0], 2)
        self.runs.append(
            run | {"invocation": len(self.invocations) - 1, "at": moment, "load": load}
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = {"invocations": self.invocations, "runs": self.runs}
        unfinished = self.path.with_suffix(".part.tmp")
        unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self.path)

    def cases(self) -> list[str]:
        """The names of all cases, as they first came."""
        return list(dict.fromkeys(run["case"] for run in self.runs))

    def of(self, case: str) -> list[Run]:
        """The runs of a case that went well."""
        return [run for run in self.runs if run["case"] == case and "failed" not in run]

    def failures(self) -> list[Run]:
        """The runs that did not add up."""
        return [run for run in self.runs if "failed" in run]

    def median(self, case: str, figure: str) -> float | None:
        """Of a figure over all runs of a case; None where there is none."""
        values = [run[figure] for run in self.of(case) if run.get(figure) is not None]
        return statistics.median(values) if values else None


def today(*, quick: bool) -> Path:
    """Today's file. Quick runs are kept apart, in one that is not to be kept for long."""
    date = utc_now().date().isoformat()
    return FOLDER / (f"delivery-{date}-quick.tmp" if quick else f"delivery-{date}.json")


def newest(paths: Iterable[Path]) -> Path:
    """The file that was written last; raises SystemExit where there is none."""
    known = list(paths)
    if not known:
        raise SystemExit(f"There are no results in {FOLDER}.")
    return max(known, key=lambda path: path.stat().st_mtime)


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    """Its name, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
