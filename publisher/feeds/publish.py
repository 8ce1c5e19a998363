"""Builds feeds: claim the row, write and check the documents, put them up, record it.

A feed says which number it wants and which it was built from. Who builds holds a lease; who lost
it (because it took too long) puts nothing up.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.feeds.directory import ensure_feeds, list_feeds, want
from publisher.feeds.files import FOLDER, MEDIA_TYPES, file_name
from publisher.feeds.models import FeedRow
from publisher.feeds.render import Rendered, render_feed
from publisher.feeds.select import select_stories
from publisher.feeds.swap import Staged, stage
from publisher.pages.environment import environment
from publisher.queue import wake
from publisher.store import Runtime

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
PATIENCE = timedelta(seconds=15)  # after a build that failed
_PROBLEM_LENGTH = 2000


def build(runtime: Runtime, slug: str) -> bool:
    """Bring the feed's documents up to date.

    False where there is nothing to do, somebody else is at it, or it failed: then the last good
    documents stay up, the row says why, and soon it may be tried again.
    """
    claim = _claim(runtime, slug)
    if claim is None:
        return False
    try:
        rendered = _render(runtime, claim.feed)
        staged = stage(_folder(runtime), slug, rendered.documents)
        return _put_up(runtime, claim, rendered, staged)
    except Exception as error:
        log.exception("feed %s not built", slug)
        _give_up(runtime, claim, f"Not built: {error}")
        return False


def build_due(runtime: Runtime) -> int:
    """Build every feed that is behind, or whose files are missing here; returns how many."""
    with runtime.sessions.begin() as session:
        ensure_feeds(session, runtime.clock())
        feeds = list_feeds(session)
        want(session, [feed.slug for feed in feeds if _lacks_files(_folder(runtime), feed)])
    return sum(build(runtime, feed.slug) for feed in feeds)


@dataclass(frozen=True, slots=True)
class _Claim:
    """The right to build `feed` up to the number `wanted`; `until` tells it from any other."""

    feed: FeedRow
    wanted: int
    until: datetime


def _claim(runtime: Runtime, slug: str) -> _Claim | None:
    now = runtime.clock()
    until = now + LEASE
    claimed = col(FeedRow.claimed_until)
    statement = (
        sa.update(FeedRow)
        .where(
            col(FeedRow.slug) == slug,
            col(FeedRow.built_event) < col(FeedRow.wanted_event),
            sa.or_(claimed.is_(None), claimed <= now),
        )
        .values(claimed_until=until)
        .returning(col(FeedRow.wanted_event))
    )
    with runtime.sessions.begin() as session:
        wanted = session.execute(statement).scalar()
        feed = None if wanted is None else session.get(FeedRow, slug)
    return _Claim(feed, wanted, until) if feed is not None and wanted is not None else None


def _render(runtime: Runtime, feed: FeedRow) -> Rendered:
    with runtime.sessions.read() as session:
        selection = select_stories(session, feed.section, runtime.clock())
    return render_feed(feed, selection, runtime.settings, environment(runtime.settings))


def _put_up(runtime: Runtime, claim: _Claim, rendered: Rendered, staged: Staged) -> bool:
    """Exchange the files while holding the row, so that two builders never do it in turns."""
    values = {
        "built_event": claim.wanted,
        "claimed_until": None,
        "entries": rendered.entries,
        "problem": "\n".join(rendered.left_out)[:_PROBLEM_LENGTH] or None,
    }
    with runtime.sessions.begin() as session:
        feed = _finish(session, claim, values)
        if feed is None:
            staged.discard()
            return False
        changed_at = staged.swap(runtime.clock(), feed.changed_at)
        feed.changed_at = changed_at or feed.changed_at
        if feed.wanted_event > claim.wanted:
            wake(session, "publisher.feeds.build", slug=feed.slug)
    return True


def _give_up(runtime: Runtime, claim: _Claim, problem: str) -> None:
    values = {
        "claimed_until": runtime.clock() + PATIENCE,
        "problem": problem[:_PROBLEM_LENGTH],
    }
    with runtime.sessions.begin() as session:
        _finish(session, claim, values)


def _finish(session: Session, claim: _Claim, values: dict[str, Any]) -> FeedRow | None:
    """Write the outcome; None where the lease has gone to somebody else."""
    statement = (
        sa.update(FeedRow)
        .where(col(FeedRow.slug) == claim.feed.slug, col(FeedRow.claimed_until) == claim.until)
        .values(**values)
        .returning(FeedRow)
    )
    return session.execute(statement).scalar()


def _folder(runtime: Runtime) -> Path:
    return runtime.settings.public_folder / FOLDER


def _lacks_files(folder: Path, feed: FeedRow) -> bool:
    names: Sequence[str] = [file_name(feed.slug, fmt) for fmt in MEDIA_TYPES]
    return not all((folder / name).is_file() for name in names)
