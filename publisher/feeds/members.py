"""Which stories belong to which feeds: rows written when a story first goes out and when it moves.

A row says that the story belongs there. Whether it may be shown is asked of the newsroom at each
build; so a story that is held and comes back, or was killed and leaves a tombstone, stays a member.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.feeds.models import FeedArchiveRow, FeedEntryRow, FeedKind
from publisher.feeds.scopes import Scope
from publisher.newsroom.models import ArticleRow


def feeds_of(session: Session, article_id: int) -> set[str]:
    """Slugs of the feeds that the article belongs to so far."""
    statement = select(FeedEntryRow.slug).where(FeedEntryRow.article_id == article_id)
    return set(session.exec(statement))


def move(session: Session, article_id: int, before: Collection[str], now: Collection[str]) -> None:
    """Have the article belong to the feeds in `now` instead of those in `before`.

    Archives that hold it are marked to be written again: what they show of it has changed. The
    rows of all these feeds must be locked by `directory.want` before, so that no archive is
    being put up meanwhile.
    """
    _disturb_archives(session, article_id)
    gone, new = sorted(set(before) - set(now)), sorted(set(now) - set(before))
    if gone:
        session.execute(
            sa.delete(FeedEntryRow).where(
                col(FeedEntryRow.article_id) == article_id, col(FeedEntryRow.slug).in_(gone)
            )
        )
    if new:
        rows = [{"slug": slug, "article_id": article_id} for slug in new]
        session.execute(_insert(session).values(rows).on_conflict_do_nothing())


def enter_known(session: Session, slug: str, scope: Scope) -> None:
    """Enter the stories that went out before there was this feed.

    Feeds of authors, tags and languages come with their first story: there is none before.
    """
    belongs = _condition(session, scope)
    if belongs is None:
        return
    known = sa.select(sa.literal(slug), col(ArticleRow.id)).where(
        col(ArticleRow.eligible_at).is_not(None), belongs
    )
    statement = _insert(session).from_select(["slug", "article_id"], known)
    session.execute(statement.on_conflict_do_nothing())


def _condition(session: Session, scope: Scope) -> sa.ColumnElement[bool] | None:
    if scope.kind == FeedKind.SITE:
        return sa.true()
    if scope.kind == FeedKind.SECTION:
        return col(ArticleRow.section) == scope.value
    if scope.kind != FeedKind.NEWSLETTER:
        return None
    newsletter = session.exec(
        select(NewsletterRow).where(NewsletterRow.slug == scope.value)
    ).one_or_none()
    return sa.false() if newsletter is None else _chosen_by(newsletter)


def _chosen_by(newsletter: NewsletterRow) -> sa.ColumnElement[bool]:
    """As `scopes.scopes_of` has it."""
    language = newsletter.language.replace("_", "-").partition("-")[0].lower()
    spoken = sa.func.lower(col(ArticleRow.language))
    same = sa.or_(
        spoken == language, spoken.startswith(f"{language}-"), spoken.startswith(f"{language}_")
    )
    if not newsletter.sections:
        return same
    return sa.and_(same, col(ArticleRow.section).in_(newsletter.sections))


def _disturb_archives(session: Session, article_id: int) -> None:
    holding = sa.select(col(FeedEntryRow.slug), col(FeedEntryRow.archive)).where(
        col(FeedEntryRow.article_id) == article_id, col(FeedEntryRow.archive).is_not(None)
    )
    archive = sa.tuple_(col(FeedArchiveRow.slug), col(FeedArchiveRow.number))
    session.execute(
        sa.update(FeedArchiveRow)
        .where(archive.in_(holding))
        .values(wanted=col(FeedArchiveRow.wanted) + 1)
        .execution_options(synchronize_session=False)
    )


def _insert(session: Session) -> postgresql.Insert | sqlite.Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(FeedEntryRow)
    return sqlite.insert(FeedEntryRow)
