"""Finds feeds that no message asks for: never made, out of date by the clock, files lost."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.feeds.directory import ABOUT_FEEDS, list_feeds, make_missing, want
from publisher.feeds.models import FeedArchiveRow, FeedKind, FeedRow
from publisher.feeds.paths import MEDIA_TYPES, NEWS_SITEMAP, OPML, archive_path, feed_path
from publisher.feeds.strays import clear_strays


def mark_overdue(session: Session, public_folder: Path, now: datetime) -> None:
    """Have built what should be up and is not, or not any more; take down what should not be."""
    clear_strays(session, public_folder)
    new = make_missing(session, now)
    due = select(FeedRow.slug).where(col(FeedRow.due_at) <= now)
    lost = [
        feed.slug
        for feed in [*list_feeds(session), *(session.get_one(FeedRow, one) for one in ABOUT_FEEDS)]
        if feed.built_event >= feed.wanted_event and not _is_up(public_folder, feed)
    ]
    archives = _lost_archives(session, public_folder)
    want(session, [*new, *session.exec(due), *lost, *archives])
    _want_archives(session, archives)


def _is_up(folder: Path, feed: FeedRow) -> bool:
    about = {FeedKind.SITEMAP: NEWS_SITEMAP, FeedKind.OPML: OPML}.get(feed.kind)
    paths = [about] if about else [feed_path(feed.slug, fmt) for fmt in MEDIA_TYPES]
    return all((folder / path).is_file() for path in paths)


def _lost_archives(session: Session, folder: Path) -> list[str]:
    """Feeds whose first or newest archive is not here.

    A host that lost one lost them all: there is one folder for the archives of a feed.
    """
    newest = sa.func.max(FeedArchiveRow.number)
    statement = select(FeedArchiveRow.slug, newest).group_by(FeedArchiveRow.slug)
    return [
        slug
        for slug, number in session.exec(statement)
        if not all(
            (folder / archive_path(slug, one, fmt)).is_file()
            for one in {1, number}
            for fmt in MEDIA_TYPES
        )
    ]


def _want_archives(session: Session, slugs: list[str]) -> None:
    """Have all archives of these feeds, whose rows are locked, written again."""
    settled = col(FeedArchiveRow.built) >= col(FeedArchiveRow.wanted)
    session.execute(
        sa.update(FeedArchiveRow)
        .where(col(FeedArchiveRow.slug).in_(slugs), settled)
        .values(wanted=col(FeedArchiveRow.built) + 1)
    )
