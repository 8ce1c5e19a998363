"""Stories as bits: what a reader may get is one number, so a million readers are one statement.

Bit i of a mask is the i-th story of the edition. A reader's mask is what their sections and the
date of their subscription leave open, less what they have had. The database keeps a mask as words
of 62 bits, the lowest first. Pure.
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
class Step:
    """Readers who subscribed from `since` on and before `until` may get the stories of `mask`."""

    since: datetime
    until: datetime
    mask: int


def full_mask(stories: Sequence[Candidate]) -> int:
    """Every story."""
    return (1 << len(stories)) - 1


def section_mask(sections: str, stories: Sequence[Candidate]) -> int:
    """The stories open to one choice of sections; an empty choice is all of them."""
    if not sections:
        return full_mask(stories)
    wanted = set(sections.split(","))
    return _mask(at for at, story in enumerate(stories) if story.section in wanted)


def steps(stories: Sequence[Candidate]) -> list[Step]:
    """What a reader may get by when they subscribed.

    A reader's first digest reaches back 24 hours before they subscribed, and no further.
    """
    moments = sorted({story.eligible_at + WELCOME_BACK for story in stories})
    edges = [EARLIEST, *moments, LATEST]
    return [Step(since, until, _open_at(stories, since)) for since, until in pairwise(edges)]


def had_mask(stories: Sequence[Candidate], had: Iterable[int]) -> int:
    """The bits of the stories whose ids are in `had`."""
    ids = set(had)
    return _mask(at for at, story in enumerate(stories) if story.story_id in ids)


def positions_of(mask: int, stories: Sequence[Candidate], most: int) -> tuple[int, ...]:
    """The positions that a mask stands for, in edition order; the best `most` of them."""
    positions = [at for at in range(len(stories)) if mask >> at & 1]
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


def _open_at(stories: Sequence[Candidate], subscribed_at: datetime) -> int:
    """A step runs from its edge on, so the edge itself decides for the whole step."""
    return _mask(
        at for at, story in enumerate(stories) if story.eligible_at + WELCOME_BACK > subscribed_at
    )


def _mask(positions: Iterable[int]) -> int:
    return sum(1 << at for at in positions)
