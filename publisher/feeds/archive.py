"""When stories leave a feed for an archive of it (RFC 5005 §4), and how many at once. Pure.

The feed itself holds at least the newest fifty, as far as they fit into a document. What is older
gathers at its end until there is enough for an archive, which from then on holds these stories and
no others. So each story stands in exactly one document, and an archive changes only when the truth
about one of its stories does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from publisher.feeds.models import FeedKind

ARCHIVED = frozenset({FeedKind.SITE, FeedKind.SECTION})
NEWEST = 50
AT_ONCE = 50  # stories of an archive
MOST_OPEN = NEWEST + AT_ONCE - 1
A_BUILD = 5  # archives that one build makes; a large import takes several builds


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the newest stories the feed shows, and how many older ones to archive now."""

    shown: int
    sealed: int


def share(sizes: Sequence[int], total: int, room: int) -> Share:
    """Share stories between the feed and its archives.

    `sizes` are the bytes of the newest, newest first, at most `MOST_OPEN`; `total` counts all that
    are in no archive; `room` is what a document may hold.
    """
    fit = fitting(sizes, room)
    if fit == total:
        return Share(fit, 0)
    kept = NEWEST if fit > NEWEST else max(1, (fit + 1) // 2)
    sealed = min(total - kept, A_BUILD * AT_ONCE)
    return Share(min(fit, total - sealed), sealed)


def chunks(sizes: Sequence[int], room: int) -> list[range]:
    """Which stories come into an archive together, by their place in `sizes`."""
    found, start = [], 0
    while start < len(sizes):
        count = max(1, fitting(sizes[start : start + AT_ONCE], room))
        found.append(range(start, start + count))
        start += count
    return found


def fitting(sizes: Sequence[int], room: int) -> int:
    """How many from the first on fit into a document."""
    return sum(size <= room for size in accumulate(sizes))
