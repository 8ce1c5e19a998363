"""How feeds do: are they up, how large, when did they last change, who reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.feeds.directory import list_feeds
from publisher.feeds.models import FeedKind, FeedReadingRow, FeedRow
from publisher.feeds.paths import feed_path

SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was served: whole documents, answers that nothing changed (304).

    `readers` is what programs say that they ask for; those that do not say are not in it.
    """

    whole: int = 0
    unchanged: int = 0
    readers: int = 0

    @property
    def requests(self) -> int:
        """Both together."""
        return self.whole + self.unchanged

    @property
    def unchanged_share(self) -> float | None:
        """The part of requests that got a 304, 0 to 1; None where nobody asked."""
        return self.unchanged / self.requests if self.requests else None


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How one feed does; `size` is that of its RSS document in bytes, None where it is not here."""

    slug: str
    title: str
    kind: FeedKind
    entries: int
    up_to_date: bool
    problem: str | None
    changed_at: datetime | None
    size: int | None
    reading: Reading

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look at it."""
        return self.up_to_date and self.problem is None and self.size is not None


@dataclass(frozen=True, slots=True)
class ProgramReading:
    """What one program was served, over all feeds."""

    name: str
    reading: Reading


def feed_health(
    session: Session, public_folder: Path, now: datetime, *kinds: FeedKind
) -> list[FeedHealth]:
    """Every feed, or those of some kinds, in the order of `list_feeds`, with its last seven days.

    What was served is only what web processes have counted (see `tally`).
    """
    readings = _readings(session, "slug", now)
    return [
        _health(feed, document_size(public_folder, feed.slug), readings.get(feed.slug, Reading()))
        for feed in list_feeds(session, *kinds)
    ]


def program_readings(session: Session, now: datetime) -> list[ProgramReading]:
    """The programs of the last seven days, the most frequent first."""
    readings = _readings(session, "program", now)
    found = [ProgramReading(name, reading) for name, reading in readings.items()]
    return sorted(found, key=lambda one: (-one.reading.requests, one.name))


def total(readings: Iterable[Reading]) -> Reading:
    """All of them in one."""
    whole = unchanged = readers = 0
    for one in readings:
        whole += one.whole
        unchanged += one.unchanged
        readers += one.readers
    return Reading(whole, unchanged, readers)


def is_up_to_date(feed: FeedRow) -> bool:
    """Whether it shows the newest event that it should."""
    return feed.built_event >= feed.wanted_event


def document_size(public_folder: Path, slug: str) -> int | None:
    """Bytes of the feed's RSS document; None where it is not here."""
    try:
        return (public_folder / feed_path(slug, "rss")).stat().st_size
    except FileNotFoundError:
        return None


def _health(feed: FeedRow, size: int | None, reading: Reading) -> FeedHealth:
    return FeedHealth(
        slug=feed.slug,
        title=feed.title,
        kind=feed.kind,
        entries=feed.entries,
        up_to_date=is_up_to_date(feed),
        problem=feed.problem,
        changed_at=feed.changed_at,
        size=size,
        reading=reading,
    )


def _readings(session: Session, by: str, now: datetime) -> dict[str, Reading]:
    """Sums by that column; of a program's claims for a document of a feed the largest counts."""
    row = FeedReadingRow
    days = (
        sa.select(
            col(row.slug),
            col(row.program),
            sa.func.sum(row.whole).label("whole"),
            sa.func.sum(row.unchanged).label("unchanged"),
            sa.func.max(row.readers).label("readers"),
        )
        .where(col(row.day) > (now - SPAN).date())
        .group_by(col(row.slug), col(row.fmt), col(row.program))
        .subquery()
    )
    sums = (sa.func.sum(days.c[name]) for name in ("whole", "unchanged", "readers"))
    found = session.execute(sa.select(days.c[by], *sums).group_by(days.c[by]))
    return {name: Reading(*map(int, counted)) for name, *counted in found}
