"""Which stories a feed shows: looked up in the rows, nothing decided anywhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow

NEWEST = 50
TOMBSTONE_AGE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Selection:
    """Stories newest first, each at its current version; `gone` were here and are not any more."""

    stories: Sequence[tuple[ArticleRow, ArticleVersionRow]]
    gone: Sequence[ArticleRow]


def select_stories(session: Session, section: str | None, now: datetime) -> Selection:
    """The newest 50 stories that may leave through a feed; `section` None means all."""
    # What is gone is looked up first: a story killed in between is then in neither list, and the
    # build that its kill asks for sets the tombstone.
    gone = _gone(session, section, now)
    stories = _newest(session, section, now)
    here = {article.id for article, _ in stories}
    return Selection(stories, [article for article in gone if article.id not in here])


def _newest(
    session: Session, section: str | None, now: datetime
) -> Sequence[tuple[ArticleRow, ArticleVersionRow]]:
    """The order is that of `compose.went_out_at`."""
    published, eligible = col(ArticleRow.published_at), col(ArticleRow.eligible_at)
    went_out = sa.case((published <= eligible, published), else_=eligible)
    statement = (
        select(ArticleRow, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(ArticleRow.version_id))
        .where(leavable("feed", now), _of(section))
        .order_by(went_out.desc(), col(ArticleRow.id).desc())
        .limit(NEWEST)
    )
    return session.exec(statement).all()


def _gone(session: Session, section: str | None, now: datetime) -> Sequence[ArticleRow]:
    """Withdrawn or killed within 90 days after they had gone out; what never did stays unsaid."""
    statement = (
        select(ArticleRow)
        .where(
            col(ArticleRow.state).in_([ArticleState.WITHDRAWN, ArticleState.KILLED]),
            col(ArticleRow.eligible_at).is_not(None),
            col(ArticleRow.left_at) > now - TOMBSTONE_AGE,
            _of(section),
        )
        .order_by(col(ArticleRow.left_at).desc(), col(ArticleRow.id).desc())
        .limit(NEWEST)
    )
    return session.exec(statement).all()


def _of(section: str | None) -> sa.ColumnElement[bool]:
    return sa.true() if section is None else col(ArticleRow.section) == section
