"""Stories as bits: what a reader may get is one number, so a million readers are one statement.

Bit i of a reader's mask is the i-th story of the readers who chose the same sections. The
database keeps a mask as words of 62 bits, the lowest first. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from publisher.editions.select import Candidate, rank

WORD = 62  # bits of a signed 64-bit column that leave the sign alone
WELCOME_BACK = timedelta(hours=24)
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Choice:
    """The stories open to readers who chose `sections`: positions in the edition, one a bit."""

    sections: str
    positions: tuple[int, ...]

    @property
    def full(self) -> int:
        """The mask of every story of the choice."""
        return (1 << len(self.positions)) - 1


@dataclass(frozen=True, slots=True)
class Step:
    """Readers who subscribed from `since` on and before `until` may get the stories of `mask`."""

    since: datetime
    until: datetime
    mask: int


def choice_of(sections: str, stories: Sequence[Candidate], *, by_section: bool) -> Choice:
    """The stories open to one choice of sections; an empty choice is all of them."""
    wanted = set(sections.split(",")) if sections and by_section else None
    open_to = [at for at, story in enumerate(stories) if not wanted or story.section in wanted]
    return Choice(sections, tuple(open_to))


def steps(choice: Choice, stories: Sequence[Candidate]) -> list[Step]:
    """What a reader may get by when they subscribed.

    A reader's first digest reaches back 24 hours before they subscribed, and no further.
    """
    moments = sorted({stories[at].eligible_at + WELCOME_BACK for at in choice.positions})
    edges = [EARLIEST, *moments, LATEST]
    return [
        Step(since, until, _open_at(choice, stories, since)) for since, until in pairwise(edges)
    ]


def had_mask(choice: Choice, stories: Sequence[Candidate], had: Iterable[int]) -> int:
    """The bits of the stories whose ids are in `had`."""
    ids = set(had)
    return sum(1 << bit for bit, at in enumerate(choice.positions) if stories[at].story_id in ids)


def positions_of(
    choice: Choice, mask: int, stories: Sequence[Candidate], most: int
) -> tuple[int, ...]:
    """The positions that a mask stands for, in edition order; the best `most` of them."""
    positions = [at for bit, at in enumerate(choice.positions) if mask >> bit & 1]
    best = sorted(positions, key=lambda at: rank(stories[at]))[:most]
    return tuple(sorted(best))


def words_of(mask: int, words: int) -> list[int]:
    """A mask as so many words, the lowest first."""
    return [mask >> WORD * word & ((1 << WORD) - 1) for word in range(words)]


def mask_of(words: Iterable[int]) -> int:
    """The mask that these words make."""
    return sum(bits << WORD * word for word, bits in enumerate(words))


def signature(positions: Iterable[int]) -> str:
    """What tells one variant of an edition from another."""
    return ",".join(str(position) for position in positions)


def stories_by_variant(rows: Iterable[tuple[int, int]]) -> Mapping[int, set[int]]:
    """From (variant id, story id) to the stories of each variant."""
    grouped: dict[int, set[int]] = {}
    for variant_id, story_id in rows:
        grouped.setdefault(variant_id, set()).add(story_id)
    return grouped


def _open_at(choice: Choice, stories: Sequence[Candidate], subscribed_at: datetime) -> int:
    """A step runs from its edge on, so the edge itself decides for the whole step."""
    mask = 0
    for bit, at in enumerate(choice.positions):
        if stories[at].eligible_at + WELCOME_BACK > subscribed_at:
            mask |= 1 << bit
    return mask
