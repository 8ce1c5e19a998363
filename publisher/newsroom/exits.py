"""The one gate at every exit: what may leave, decided from one table of states × exits."""

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlmodel import col

from publisher.newsroom.models import ArticleRow
from publisher.newsroom.models import ArticleState as S

Exit = Literal["feed", "mail", "page", "partner"]
EXITS: tuple[Exit, ...] = ("feed", "mail", "page", "partner")

ALLOWED: dict[Exit, frozenset[S]] = {
    "feed": frozenset({S.PUBLISHED}),
    "mail": frozenset({S.PUBLISHED}),
    "page": frozenset({S.PUBLISHED, S.EXPIRED}),  # what expired stays in the archive
    "partner": frozenset({S.PUBLISHED}),
}


def may_leave(article: ArticleRow, exit_: Exit, now: datetime) -> bool:
    """Whether the article may go out here at `now`. Its SQL is `leavable`."""
    if article.state not in ALLOWED[exit_] or article.eligible_at is None:
        return False
    if article.embargo_until is not None and article.embargo_until > now:
        return False
    return article.eligible_at <= now


def leavable(exit_: Exit, now: datetime | sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """The same rule as a condition on ArticleRow."""
    return sa.and_(
        # No IN: its list would be written into the statement anew at every use.
        sa.or_(*(col(ArticleRow.state) == state for state in sorted(ALLOWED[exit_]))),
        col(ArticleRow.eligible_at) <= now,
        sa.or_(col(ArticleRow.embargo_until).is_(None), col(ArticleRow.embargo_until) <= now),
    )


def full_text(article: ArticleRow, exit_: Exit) -> bool:
    """Whether the whole text may go out here, or only the summary.

    Unknown rights mean the summary only wherever others take the text over; on our own page,
    where our mails send readers, only an explicit `summary` does.
    """
    if exit_ == "page":
        return article.rights_status != "summary"
    return article.rights_status == "full"
