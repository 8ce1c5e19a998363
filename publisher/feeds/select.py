"""Which stories a feed shows: looked up in the rows, nothing decided anywhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from publisher.feeds.models import FeedEntryRow
from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow

MOST_TOMBSTONES = 50
TOMBSTONE_AGE = timedelta(days=90)

_TAKEN_BACK = frozenset({ArticleState.WITHDRAWN, ArticleState.KILLED})

Story = tuple[ArticleRow, ArticleVersionRow]


@dataclass(frozen=True, slots=True)
class Selection:
    """Stories newest first, each at its current version; `gone` were here and are not any more."""

    stories: Sequence[Story]
    gone: Sequence[ArticleRow] = ()


def newest_current(session: Session, slug: str, now: datetime, *, most: int) -> Selection:
    """The newest stories of the feed that may leave and are in no archive, and what is gone.

    What is gone says so for 90 days, wherever it was.
    """
    # What is gone is looked up first: a story killed in between is then in neither list, and the
    # build that its kill asks for sets the tombstone.
    is_young = col(ArticleRow.left_at) > now - TOMBSTONE_AGE
    gone = session.exec(_gone(slug).where(is_young).limit(MOST_TOMBSTONES)).all()
    stories = session.exec(_current(slug, now).order_by(*NEWEST_FIRST).limit(most)).all()
    return apart(stories, gone)


def oldest_current(session: Session, slug: str, now: datetime, *, most: int) -> Sequence[Story]:
    """Those of the same stories that went out first, the oldest first."""
    return session.exec(_current(slug, now).order_by(*_OLDEST_FIRST).limit(most)).all()


def count_current(session: Session, slug: str, now: datetime) -> int:
    """How many stories of the feed may leave and are in no archive."""
    statement = (
        sa.select(sa.func.count())
        .select_from(FeedEntryRow)
        .join(ArticleRow, col(FeedEntryRow.article_id) == col(ArticleRow.id))
        .where(
            col(FeedEntryRow.slug) == slug,
            col(FeedEntryRow.archive).is_(None),
            leavable("feed", now),
        )
    )
    count: int = session.execute(statement).scalar_one()
    return count


def latest(session: Session, slug: str, now: datetime, *, most: int) -> Sequence[Story]:
    """The newest stories that the feed itself carries, without their texts."""
    texts = (col(ArticleVersionRow.body_html), col(ArticleVersionRow.paragraphs))
    statement = _current(slug, now).options(*map(defer, texts))  # type: ignore[arg-type]
    return session.exec(statement.order_by(*NEWEST_FIRST).limit(most)).all()


def is_taken_back(session: Session, slug: str) -> bool:
    """Whether every story of the feed was withdrawn or killed, or belongs to other feeds now."""
    states = (
        select(ArticleRow.state)
        .join(FeedEntryRow, col(FeedEntryRow.article_id) == col(ArticleRow.id))
        .where(FeedEntryRow.slug == slug)
        .distinct()
    )
    return set(session.exec(states)) <= _TAKEN_BACK


def archived(session: Session, slug: str, number: int, now: datetime) -> Selection:
    """The stories of an archive that may still leave, and those that are gone, however long."""
    here = col(FeedEntryRow.archive) == number
    gone = session.exec(_gone(slug).where(here)).all()
    stories = session.exec(_stories(slug, now).where(here).order_by(*NEWEST_FIRST)).all()
    return apart(stories, gone)


_PUBLISHED, _ELIGIBLE = col(ArticleRow.published_at), col(ArticleRow.eligible_at)
WENT_OUT = sa.case((_PUBLISHED <= _ELIGIBLE, _PUBLISHED), else_=_ELIGIBLE)  # compose.went_out_at
NEWEST_FIRST = (WENT_OUT.desc(), col(ArticleRow.id).desc())
NEWEST_GONE_FIRST = (col(ArticleRow.left_at).desc(), col(ArticleRow.id).desc())
_OLDEST_FIRST = (WENT_OUT.asc(), col(ArticleRow.id).asc())


def _current(slug: str, now: datetime) -> Select[ArticleRow, ArticleVersionRow]:
    return _stories(slug, now).where(col(FeedEntryRow.archive).is_(None))


def _stories(slug: str, now: datetime) -> Select[ArticleRow, ArticleVersionRow]:
    return (
        select(ArticleRow, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(ArticleRow.version_id))
        .join(FeedEntryRow, col(FeedEntryRow.article_id) == col(ArticleRow.id))
        .where(col(FeedEntryRow.slug) == slug, leavable("feed", now))
    )


def _gone(slug: str) -> SelectOfScalar[ArticleRow]:
    return (
        select(ArticleRow)
        .join(FeedEntryRow, col(FeedEntryRow.article_id) == col(ArticleRow.id))
        .where(col(FeedEntryRow.slug) == slug, is_gone())
        .order_by(*NEWEST_GONE_FIRST)
    )


def is_gone() -> sa.ColumnElement[bool]:
    """Withdrawn or killed after it had gone out; what never did stays unsaid."""
    return sa.and_(
        col(ArticleRow.state).in_([ArticleState.WITHDRAWN, ArticleState.KILLED]),
        col(ArticleRow.eligible_at).is_not(None),
        col(ArticleRow.left_at).is_not(None),
    )


def apart(stories: Sequence[Story], gone: Sequence[ArticleRow]) -> Selection:
    """The two together; a story that is in both is here."""
    here = {article.id for article, _ in stories}
    return Selection(stories, [article for article in gone if article.id not in here])
