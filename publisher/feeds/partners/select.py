"""Which stories a partner gets: those of its feeds that may leave, each once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.feeds.models import FeedEntryRow
from publisher.feeds.ninjs import Revision
from publisher.feeds.select import (
    MOST_TOMBSTONES,
    NEWEST_FIRST,
    NEWEST_GONE_FIRST,
    TOMBSTONE_AGE,
    Selection,
    Story,
    apart,
    is_gone,
)
from publisher.newsroom.exits import leavable, may_leave
from publisher.newsroom.models import ArticleEventRow, ArticleRow, ArticleVersionRow

MOST = 100


def newest_given(session: Session, scopes: Sequence[str], now: datetime) -> Selection:
    """The newest stories of these feeds that are in no archive of theirs, and what is gone.

    What is gone says so for 90 days, wherever it was.
    """
    member = col(ArticleRow.id).in_(_members(scopes))
    gone = session.exec(
        select(ArticleRow)
        .where(member, is_gone(), col(ArticleRow.left_at) > now - TOMBSTONE_AGE)
        .order_by(*NEWEST_GONE_FIRST)
        .limit(MOST_TOMBSTONES)
    ).all()
    current = col(ArticleRow.id).in_(
        _members(scopes).where(col(FeedEntryRow.archive).is_(None)),
    )
    stories = session.exec(
        select(ArticleRow, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(ArticleRow.version_id))
        .where(current, leavable("partner", now))
        .order_by(*NEWEST_FIRST)
        .limit(MOST)
    ).all()
    return apart(stories, gone)


def one_given(
    session: Session, scopes: Sequence[str] | None, uuid: str, now: datetime
) -> Story | ArticleRow | None:
    """The story of that id, however old; the article alone where it is gone, None for no story.

    It must belong to one of the feeds in `scopes`, where they are not None.
    """
    article = session.exec(
        select(ArticleRow).where(
            ArticleRow.uuid == uuid,
            sa.true() if scopes is None else col(ArticleRow.id).in_(_members(scopes)),
            sa.or_(leavable("partner", now), is_gone()),
        )
    ).one_or_none()
    if article is None or not may_leave(article, "partner", now):
        return article
    return article, session.get_one(ArticleVersionRow, article.version_id)


def revisions(session: Session, articles: Collection[ArticleRow]) -> Mapping[int, Revision]:
    """The newest event of each article, by the article's id."""
    ids = [article.id for article in articles]
    statement = (
        sa.select(
            col(ArticleEventRow.article_id),
            sa.func.max(col(ArticleEventRow.id)),
            sa.func.max(col(ArticleEventRow.at)),
        )
        .where(col(ArticleEventRow.article_id).in_(ids))
        .group_by(col(ArticleEventRow.article_id))
    )
    known = {article: Revision(number, at) for article, number, at in session.execute(statement)}
    return {
        one.id or 0: known.get(one.id) or Revision(one.version, one.updated_at) for one in articles
    }


def all_may_leave(session: Session, articles: Collection[int], now: datetime) -> bool:
    """Whether every one of these may still go out to partners."""
    statement = (
        sa.select(sa.func.count())
        .select_from(ArticleRow)
        .where(col(ArticleRow.id).in_(articles), leavable("partner", now))
    )
    count: int = session.execute(statement).scalar_one()
    return count == len(articles)


def _members(scopes: Sequence[str]) -> sa.Select[int]:
    return sa.select(col(FeedEntryRow.article_id)).where(col(FeedEntryRow.slug).in_(scopes))
