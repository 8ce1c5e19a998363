"""What an article has been through: its versions and what happened to it."""

from collections.abc import Sequence

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from publisher.newsroom.models import ArticleEventRow, ArticleRow, ArticleVersionRow


def versions_of(session: Session, article: ArticleRow) -> Sequence[ArticleVersionRow]:
    """Every version, the newest first, without their texts."""
    statement = (
        select(ArticleVersionRow)
        .where(ArticleVersionRow.article_id == article.id)
        .order_by(col(ArticleVersionRow.number).desc())
        .options(
            defer(col(ArticleVersionRow.body_html)),  # type: ignore[arg-type]
            defer(col(ArticleVersionRow.paragraphs)),  # type: ignore[arg-type]
        )
    )
    return session.exec(statement).all()


def events_of(
    session: Session, article: ArticleRow, *, limit: int = 100
) -> Sequence[ArticleEventRow]:
    """What happened to it, the latest first."""
    statement = (
        select(ArticleEventRow)
        .where(ArticleEventRow.article_id == article.id)
        .order_by(col(ArticleEventRow.id).desc())
        .limit(limit)
    )
    return session.exec(statement).all()
