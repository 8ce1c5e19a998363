"""What the feeds do when something happens to an article."""

from datetime import datetime

from sqlmodel import Session, select

from publisher.audience.newsletters import list_newsletters
from publisher.feeds.directory import NEWS_SITEMAP, ensure_all, want
from publisher.feeds.members import feeds_of, move
from publisher.feeds.models import FeedKind, FeedRow
from publisher.feeds.partners.notice import note
from publisher.feeds.scopes import scopes_of
from publisher.newsroom.models import ArticleEventRow, ArticleRow, ArticleVersionRow


def react(session: Session, event: ArticleEventRow, now: datetime) -> None:
    """Have the feeds built that show the story, showed it before, or show that it is gone.

    Partners who have their stories brought are brought it.

    What has never gone out is in no feed, so nothing that happens to it matters here.
    """
    article = session.get(ArticleRow, event.article_id)
    if article is None or article.id is None or article.eligible_at is None:
        return
    version = session.get_one(ArticleVersionRow, article.version_id)
    scopes = scopes_of(article, version, list_newsletters(session, active_only=True))
    feeds, new = ensure_all(session, scopes, now)
    before = feeds_of(session, article.id)
    affected = [*(feed.slug for feed in feeds), *sorted(before), NEWS_SITEMAP]
    want(session, [*_shown(session, affected), *new], event.id or 0)
    move(session, article.id, before, {feed.slug for feed in feeds})
    note(session, event, now)


def _shown(session: Session, slugs: list[str]) -> list[str]:
    """Without the only language of a site, which has no feed of its own."""
    languages = session.exec(select(FeedRow.slug).where(FeedRow.kind == FeedKind.LANGUAGE)).all()
    return slugs if len(languages) > 1 else [slug for slug in slugs if slug not in languages]
