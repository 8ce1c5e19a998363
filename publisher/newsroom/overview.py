"""The newsroom at a glance: how many stories stand where, and which sections there are."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.newsroom.models import ArticleRow, ArticleState


def count_by_state(session: Session, *, section: str | None = None) -> dict[ArticleState, int]:
    """How many articles are in each state; a state without any is left out."""
    statement = sa.select(col(ArticleRow.state), sa.func.count()).group_by(col(ArticleRow.state))
    if section:
        statement = statement.where(col(ArticleRow.section) == section)
    return dict(session.execute(statement).all())


def sections_seen(session: Session) -> Sequence[str]:
    """The slugs of all sections that articles stand in, in alphabetical order."""
    statement = select(ArticleRow.section).where(col(ArticleRow.section).is_not(None)).distinct()
    return sorted(slug for slug in session.exec(statement) if slug)
