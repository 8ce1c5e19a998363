"""A drill from its first kill to its sums."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publisher.cli.drill.house import House
from publisher.cli.drill.outcome import outcome
from publisher.cli.drill.plan import CALLS, Where, plan
from publisher.cli.drill.strike import Kill, strike_all
from publisher.cli.drill.sums import Sums
from publisher.cli.drill.tracing import why_not_traced

LISTS_POOLS = Path("/proc/self/task")


@dataclass(frozen=True, slots=True)
class Result:
    """What was done, and what it came to. `uncertain_after` belongs to `kills`, one for one."""

    seed: int
    kills: tuple[Kill, ...]
    uncertain_after: tuple[int, ...]
    editions: int
    readers: int
    connections: int
    sums: Sums
    seconds: float
    left_out: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The sums on one line."""
        return {
            "kills": len(self.kills),
            "missing": self.sums.missing,
            "duplicates": self.sums.duplicates,
            "uncertain": self.sums.uncertain,
            "connections": self.connections,
            "seed": self.seed,
            "editions": self.editions,
            "readers": self.readers,
            "eligible": self.sums.eligible,
            "accepted": self.sums.accepted,
            "at_server": self.sums.at_server,
            "differences": list(self.sums.differences),
            "left_out": list(self.left_out),
            "seconds": round(self.seconds, 1),
        }


def run(house: House, kills: int, seed: int, *, tell: Callable[[Kill], None]) -> Result:
    """Make so many kills, let everything settle, and count."""
    began = time.monotonic()
    without, left_out = _left_out()
    done = []
    for kill in strike_all(house, plan(kills, seed, left_out=without)):
        done.append(kill)
        tell(kill)
    house.until(lambda: not house.is_sending(), "the last edition to be sent")
    return Result(
        seed=seed,
        kills=tuple(done),
        uncertain_after=(*(kill.uncertain for kill in done[1:]), house.uncertain()),
        editions=len(house.editions),
        readers=len(house.readers),
        connections=house.sink.most_open,
        sums=outcome(house, len(done)),
        seconds=time.monotonic() - began,
        left_out=left_out,
    )


def _left_out() -> tuple[Collection[Where], tuple[str, ...]]:
    """Kinds of kills that cannot be made here, and a sentence for each reason."""
    kinds: list[Where] = []
    reasons = []
    why = why_not_traced()
    if why:
        kinds += CALLS
        reasons.append(f"Kills at a chosen system call were left out: {why}.")
    if not LISTS_POOLS.is_dir():
        kinds.append(Where.ONE_PROCESS)
        reasons.append("Kills of one process were left out: the system does not list a pool's.")
    return kinds, tuple(reasons)
