"""Which kills a drill makes: each kind in turn, at moments that the seed alone decides."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    """At what a worker is when it is killed, in words."""

    STARTING = "at a random moment of its start"
    SENDING = "at a random moment of its sending"
    FIRST = "before its first message"
    WITHIN = "inside a message"
    BEFORE_250 = "inside a window, before the 250"
    UNKEPT = "before the 250, and the server lets go of it"
    AFTER_250 = "right after a 250, before our record"
    LAST = "after the last message"
    ONE_PROCESS = "one process of its pool, inside a window"
    TRACED_WRITE = "at a line of the journal (strace)"
    TRACED_PWRITE = "at a write of the database (strace)"
    TRACED_FLOCK = "at the lock of a journal (strace)"


CALLS = {
    Where.TRACED_WRITE: "write",
    Where.TRACED_PWRITE: "pwrite64",
    Where.TRACED_FLOCK: "flock",
}
# How many messages (or, traced, calls of a process) come first at most, and how many seconds
# pass at most between that moment and the kill.
_MOST = {
    Where.WITHIN: 60,
    Where.BEFORE_250: 60,
    Where.UNKEPT: 60,
    Where.AFTER_250: 60,
    Where.ONE_PROCESS: 60,
    Where.TRACED_WRITE: 120,
    Where.TRACED_PWRITE: 80,
    Where.TRACED_FLOCK: 6,
}
_LATEST_S = {
    Where.STARTING: 1.5,
    Where.SENDING: 0.4,
    Where.AFTER_250: 0.002,
    Where.LAST: 0.03,
}


@dataclass(frozen=True, slots=True)
class Point:
    """One kill: of the `number`-th message (or call) from now on, and `pause_s` after it."""

    where: Where
    number: int = 1
    pause_s: float = 0.0

    @property
    def call(self) -> str | None:
        """The system call at which strace kills; None where the mail server gives the sign."""
        return CALLS.get(self.where)


def plan(kills: int, seed: int, *, left_out: Collection[Where] = ()) -> list[Point]:
    """So many kills, every kind as often as any other; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - dice of a drill, not of a secret
    kinds = [where for where in Where if where not in left_out]
    points: list[Point] = []
    while len(points) < kills:
        dice.shuffle(kinds)
        points += [_point(where, dice) for where in kinds]
    return points[:kills]


def _point(where: Where, dice: random.Random) -> Point:
    return Point(
        where,
        number=dice.randint(1, _MOST.get(where, 1)),
        pause_s=round(dice.uniform(0, _LATEST_S.get(where, 0.0)), 6),
    )
