"""One kill after another, and a new worker after each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from publisher.cli.drill.house import House
from publisher.cli.drill.plan import Point, Where
from publisher.cli.drill.tracing import has_killed, traced
from publisher.errors import UnavailableError

ENOUGH = 60
FRESH = (Where.STARTING, Where.FIRST, *(where for where in Where if Point(where).call))


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: `accepted` by the server, and `uncertain` in the rows, when the worker died."""

    number: int
    edition: int
    where: Where
    accepted: int
    uncertain: int


class _Worker:
    """The worker that runs now, if any, and whether strace watches it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._programs = house.children
        self.runs = False

    def for_point(self, point: Point) -> None:
        """Have a worker that this point can be tried on; it is started where it must be."""
        if self.runs and point.where in FRESH:
            self._programs.end("worker")
            self.runs = False
        if not self.runs:
            self.start(point)

    def start(self, point: Point | None = None) -> None:
        """A new worker, watched by strace where the point wants that."""
        self._house.trace.unlink(missing_ok=True)
        wrapper: tuple[str, ...] = ()
        if point is not None and point.call:
            wrapper = traced(point.call, point.number, self._house.trace)
        self._programs.replace(replace(self._house.worker, wrapper=wrapper))
        self._programs.start("worker")
        self.runs = True

    def bury(self) -> None:
        """Nothing of it is left."""
        self._programs.kill("worker")
        self.runs = False


def strike_all(house: House, points: Sequence[Point]) -> Iterator[Kill]:
    """Make every kill of the plan; afterwards a new worker is at work."""
    worker = _Worker(house)
    for number, point in enumerate(points, 1):
        _strike(house, worker, point)
        if point.where != Where.ONE_PROCESS:
            worker.bury()
        yield Kill(
            number, house.editions[-1], point.where, house.taken(), uncertain=house.uncertain()
        )
    if not worker.runs:
        worker.start()


def _strike(house: House, worker: _Worker, point: Point) -> None:
    """Have the worker killed at this point; where all ends before, one more edition is sent."""
    worker.for_point(point)
    while True:
        if not house.is_sending() or house.left() < _wanted(house, point):
            house.launch()
        house.trap.set(point, house.children.pid("worker"), number=_number(house, point))
        house.until(_decided(house, point), f"a kill {point.where} or the end of the edition")
        if _is_dead(house, point):
            return
        house.trap.take_away()


def _wanted(house: House, point: Point) -> int:
    """How much there should be to send, so that the kill strikes somebody who works."""
    if point.where == Where.LAST:
        return 1
    return min(max(point.number, ENOUGH), len(house.readers))


def _number(house: House, point: Point) -> int:
    """The message that it is, from now on; there may be fewer left than the plan has in mind."""
    left = max(1, house.left())
    return left if point.where == Where.LAST else min(point.number, left)


def _decided(house: House, point: Point) -> Callable[[], bool]:
    return lambda: _is_dead(house, point) or not house.is_sending()


def _is_dead(house: House, point: Point) -> bool:
    """Whether the kill has happened; raises UnavailableError for an end that nobody wanted."""
    ended = house.children.ended()
    if house.trap.has_sprung() or (point.call and (ended or has_killed(house.trace))):
        return True
    if ended is not None:
        raise UnavailableError(f"{ended}:\n{house.children.last_words(ended.name)}")
    return False
