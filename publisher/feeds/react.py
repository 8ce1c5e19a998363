"""What the feeds do when something happens to an article."""

from datetime import datetime

from sqlmodel import Session

from publisher.feeds.directory import ALL, ensure_feed, want
from publisher.newsroom.models import ArticleEventRow, ArticleRow


def react(session: Session, event: ArticleEventRow, now: datetime) -> None:
    """Have the feeds built that show the story, showed it before, or show that it is gone.

    What has never gone out is in no feed, so nothing that happens to it matters here.
    """
    article = session.get(ArticleRow, event.article_id)
    if article is None or article.eligible_at is None:
        return
    sections = {None, article.section, event.section_before}
    ordered = sorted(sections, key=lambda section: section or "")
    slugs = [section or ALL for section in ordered if ensure_feed(session, section, now)]
    want(session, set(slugs), event.id or 0)
