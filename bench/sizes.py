"""How much of everything a delivery bench takes."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Sizes:
    """All counts are of readers or messages; `trip_s` is about how long a slow way is used."""

    readers: int
    variants: int
    base: int = 20_000
    smtplib: int = 10_000
    naive: int = 200
    store: int = 20_000
    check: int = 500
    trip_s: float = 20.0
    memory: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    memory_sent: int = 60_000

    @classmethod
    def full(cls, readers: int) -> Self:
        """Everything as it is to be published, for so many readers."""
        return cls(readers, variants=_variants(readers))

    @classmethod
    def quick(cls, readers: int) -> Self:
        """Enough to see that everything works; too little for the figures to be believed."""
        return cls(
            readers,
            variants=_variants(readers),
            base=readers,
            smtplib=1_000,
            naive=40,
            store=3_000,
            check=100,
            memory=(1_000, 10_000),
            memory_sent=5_000,
        )


def _variants(readers: int) -> int:
    """At most 500, and as many readers each as 500 of 100,000 have."""
    return min(500, max(2, readers // 200))
