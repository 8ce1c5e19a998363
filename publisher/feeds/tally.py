"""Counts what is served: in memory while it is served, as sums in rows now and then.

A row is a day, a feed, a format and a program. Who asked is not in it, nor in memory: addresses are
never looked at.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from publisher.feeds.models import FeedReadingRow, FeedRow
from publisher.feeds.paths import feed_of
from publisher.feeds.programs import Program, program_of

KEPT = timedelta(days=35)
MOST = 4096  # different requests that one process tells apart before it adds them up
AGENT_BYTES = 200
_COUNTED = {200: "whole", 304: "unchanged"}
_AT_ONCE = 500

Asked = tuple[str, int, bytes]  # path without a slash at its start, status, User-Agent
_Place = tuple[str, str, str]  # slug, format, program


class Tally:
    """What one process has served since it was last taken. For one thread only."""

    def __init__(self) -> None:
        self._counts: dict[Asked, int] = {}

    def count(self, path: str, status: int, agent: bytes) -> None:
        """Count an answer.

        Who invents a User-Agent for each request is counted without one after a while.
        """
        key = path, status, agent[:AGENT_BYTES]
        counts = self._counts
        if key not in counts and len(counts) >= MOST:
            key = path, status, b""
        counts[key] = counts.get(key, 0) + 1

    def take(self) -> Mapping[Asked, int]:
        """What was counted; from now on it is counted anew."""
        taken, self._counts = self._counts, {}
        return taken

    def give_back(self, taken: Mapping[Asked, int]) -> None:
        """Count on with what could not be kept."""
        for (path, status, agent), times in taken.items():
            key = path, status, agent
            if key not in self._counts and len(self._counts) >= MOST:
                key = path, status, b""
            self._counts[key] = self._counts.get(key, 0) + times


def keep(session: Session, taken: Mapping[Asked, int], now: datetime) -> None:
    """Add what was counted to the rows of today (UTC), and drop rows older than 35 days.

    Rows are written in the order of their keys, so that two processes never wait for each other.
    """
    sums = _sums(taken)
    known = set(session.exec(select(FeedRow.slug)))
    today = now.date()
    rows = [
        {"day": today, "slug": slug, "fmt": fmt, "program": program, **counted}
        for (slug, fmt, program), counted in sorted(sums.items())
        if slug in known
    ]
    for start in range(0, len(rows), _AT_ONCE):
        _add(session, rows[start : start + _AT_ONCE])
    _forget(session, today - KEPT)


def _sums(taken: Mapping[Asked, int]) -> dict[_Place, dict[str, int]]:
    """What was served of feeds themselves; archives and lists are read by few, and once."""
    programs: dict[bytes, Program] = {}
    sums: dict[_Place, dict[str, int]] = {}
    for (path, status, agent), times in taken.items():
        found = feed_of(path)
        if found is None or status not in _COUNTED:
            continue
        if agent not in programs:
            programs[agent] = program_of(agent.decode("latin-1"))
        program = programs[agent]
        place = (*found, program.name)
        counted = sums.setdefault(place, {"whole": 0, "unchanged": 0, "readers": 0})
        counted[_COUNTED[status]] += times
        counted["readers"] = max(counted["readers"], program.readers)
    return sums


def _add(session: Session, rows: list[dict[str, object]]) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(FeedReadingRow).values(rows)
    new, old = statement.excluded, FeedReadingRow
    readers = sa.case((new.readers > col(old.readers), new.readers), else_=col(old.readers))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["day", "slug", "fmt", "program"],
            set_={
                "whole": col(old.whole) + new.whole,
                "unchanged": col(old.unchanged) + new.unchanged,
                "readers": readers,
            },
        )
    )


def _forget(session: Session, before: date) -> None:
    session.execute(sa.delete(FeedReadingRow).where(col(FeedReadingRow.day) < before))
