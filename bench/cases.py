"""What a delivery bench measures, each case under its name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bench import measures
from bench.ground import Ground
from bench.houses import POSTGRESQL, SQLITE
from bench.measures import Figures

KINDS = (SQLITE, POSTGRESQL)
TRIPS = (20, 80)  # milliseconds there and back


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure; `once` where more rounds tell no more."""

    name: str
    run: Callable[[], Figures]
    once: bool = False


def all_cases(ground: Ground) -> list[Case]:
    """Every case; those that are compared with each other stand side by side."""
    return [
        *(
            Case(f"check/{kind}", partial(measures.looked_into, ground, kind), once=True)
            for kind in KINDS
        ),
        *_engine(ground),
        Case("smtplib/kept", partial(measures.by_smtplib, ground, 0, kept=True)),
        Case("smtplib/each", partial(measures.by_smtplib, ground, 0, kept=False)),
        *(Case(f"naive/{kind}", partial(measures.by_hand, ground, kind)) for kind in KINDS),
        *(case for trip in TRIPS for case in _trips(ground, trip)),
        *(Case(f"store/{kind}", partial(measures.in_store, ground, kind)) for kind in KINDS),
        *_memory(ground),
    ]


def chosen(cases: Sequence[Case], words: Sequence[str]) -> list[Case]:
    """Those whose name has one of the words in it; all where there are none."""
    found = [case for case in cases if not words or any(word in case.name for word in words)]
    if not found:
        names = ", ".join(case.name for case in cases)
        raise SystemExit(f"No case is called so. There are: {names}")
    return found


def _engine(ground: Ground) -> Iterator[Case]:
    for signed in (False, True):
        for variants in (1, ground.sizes.variants):
            for kind in KINDS:
                name = f"engine/{kind}/{'one' if variants == 1 else 'many'}"
                run = partial(measures.by_engine, ground, kind, variants, signed=signed)
                yield Case(f"{name}/dkim" if signed else name, run)


def _trips(ground: Ground, trip: int) -> Iterator[Case]:
    yield Case(f"trip{trip}/ours", partial(measures.far_away, ground, trip))
    yield Case(f"trip{trip}/kept", partial(measures.by_smtplib, ground, trip, kept=True))
    yield Case(f"trip{trip}/each", partial(measures.by_smtplib, ground, trip, kept=False))


def _memory(ground: Ground) -> Iterator[Case]:
    for kind in KINDS:
        for readers in ground.sizes.memory:
            run = partial(measures.in_memory, ground, kind, readers)
            yield Case(f"memory/{kind}/{readers}", run, once=True)
