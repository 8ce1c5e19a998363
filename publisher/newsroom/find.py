"""Looking articles up."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.errors import InvalidInputError, NotFoundError
from publisher.newsroom.characters import is_storable
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow

SHORTEST_PREFIX = 8


def find_article(session: Session, ref: str, *, lock: bool = False) -> ArticleRow:
    """The article whose id is `ref`, begins with it (8 characters or more), or is its own.

    A whole id wins over what sources call theirs. `lock` keeps others from changing the article
    until the transaction ends. Raises NotFoundError, or InvalidInputError where several fit.
    """
    if not is_storable(ref):
        raise NotFoundError("article", ref)
    found = _fitting(session, col(ArticleRow.uuid) == ref.lower(), lock=lock)
    found = found or _fitting(session, _is_meant(ref), lock=lock)
    if not found:
        raise NotFoundError("article", ref)
    if len(found) > 1:
        raise InvalidInputError(f"“{ref}” fits several articles; give more of the id.")
    return found[0]


def _is_meant(ref: str) -> sa.ColumnElement[bool]:
    own = col(ArticleRow.external_id) == ref
    if len(ref) < SHORTEST_PREFIX:
        return own
    return own | col(ArticleRow.uuid).startswith(ref.lower(), autoescape=True)


def _fitting(session: Session, fits: sa.ColumnElement[bool], *, lock: bool) -> Sequence[ArticleRow]:
    statement = select(ArticleRow).where(fits).limit(2)
    if lock:
        fresh = statement.with_for_update().execution_options(populate_existing=True)
        return session.exec(fresh).all()
    return session.exec(statement).all()


def current_version(session: Session, article: ArticleRow) -> ArticleVersionRow:
    """The version that readers see."""
    version = session.get(ArticleVersionRow, article.version_id or 0)
    if version is None:
        raise NotFoundError("version of article", article.uuid)
    return version


def list_articles(
    session: Session,
    *,
    states: Sequence[ArticleState] = (),
    section: str | None = None,
    limit: int = 100,
) -> Sequence[tuple[ArticleRow, ArticleVersionRow]]:
    """Articles with their current versions, newest in first; no states means all."""
    statement = (
        select(ArticleRow, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(ArticleRow.version_id))
        .order_by(col(ArticleRow.received_at).desc(), col(ArticleRow.id).desc())
        .limit(limit)
    )
    if states:
        statement = statement.where(col(ArticleRow.state).in_(states))
    if section:
        statement = statement.where(ArticleRow.section == section)
    return session.exec(statement).all()
