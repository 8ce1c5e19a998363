"""Takes stories out of documents that are up, where these cannot be written anew.

The last good documents stay up when a build fails; a story that may not leave any more does not
stay with them.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.feeds.formats import FORMATS
from publisher.feeds.models import FeedArchiveRow, FeedEntryRow, FeedRow
from publisher.feeds.paths import archive_path, feed_path
from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleRow

_ID = "urn:uuid:"


def struck(
    session: Session, folder: Path, row: FeedRow | FeedArchiveRow, now: datetime
) -> dict[str, bytes]:
    """What is up of a feed or an archive, less what may not leave at `now`.

    By path below the public `folder`; only documents that lose a story.
    """
    found = {}
    for fmt in FORMATS:
        path = _path(row, fmt.name)
        try:
            text = (folder / path).read_bytes()
        except FileNotFoundError:
            continue
        barred = _barred(session, [entry_id for entry_id, _ in fmt.seen(text)], now)
        if barred:
            found[path] = fmt.without(text, barred)
    return found


def behind(session: Session, slug: str, now: datetime) -> Sequence[FeedArchiveRow]:
    """The archives of a feed that are out of date and hold what may not leave at `now`."""
    holding = (
        sa.select(col(FeedEntryRow.archive))
        .join(ArticleRow, col(FeedEntryRow.article_id) == col(ArticleRow.id))
        .where(
            col(FeedEntryRow.slug) == slug,
            col(FeedEntryRow.archive).is_not(None),
            sa.not_(leavable("feed", now)),
        )
    )
    statement = select(FeedArchiveRow).where(
        FeedArchiveRow.slug == slug,
        col(FeedArchiveRow.built) < col(FeedArchiveRow.wanted),
        col(FeedArchiveRow.number).in_(holding),
    )
    return session.exec(statement).all()


def _path(row: FeedRow | FeedArchiveRow, fmt: str) -> str:
    if isinstance(row, FeedArchiveRow):
        return archive_path(row.slug, row.number, fmt)
    return feed_path(row.slug, fmt)


def _barred(session: Session, ids: list[str], now: datetime) -> frozenset[str]:
    uuids = [entry_id.removeprefix(_ID) for entry_id in ids]
    may_leave = sa.select(col(ArticleRow.uuid)).where(
        col(ArticleRow.uuid).in_(uuids), leavable("feed", now)
    )
    return frozenset(ids) - {f"{_ID}{uuid}" for uuid in session.execute(may_leave).scalars()}
