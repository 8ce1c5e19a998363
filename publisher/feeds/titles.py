"""What a feed is called now: what it is named after may have got another name since it was made."""

from collections.abc import Sequence

from sqlmodel import Session, select

from publisher.audience.models import NewsletterRow
from publisher.feeds.models import FeedKind, FeedRow
from publisher.feeds.scopes import newsletter_scope, section_scope
from publisher.feeds.select import Story
from publisher.newsroom.characters import one_line

AGREEING = 3


def current_title(session: Session, feed: FeedRow, stories: Sequence[Story]) -> str:
    """The name of its newsletter, or that its newest `stories` give its section; else as it is.

    Sources may write a section in different ways: its name follows as soon as the newest three
    stories agree, so that it does not go to and fro with each.
    """
    if feed.kind == FeedKind.NEWSLETTER:
        named = select(NewsletterRow).where(NewsletterRow.slug == feed.value)
        row = session.exec(named).one_or_none()
        return feed.title if row is None else newsletter_scope(row).title
    return _agreed(feed, stories) if feed.kind == FeedKind.SECTION else feed.title


def _agreed(feed: FeedRow, stories: Sequence[Story]) -> str:
    said = [version.section_name for _, version in stories if one_line(version.section_name or "")]
    titles = {section_scope(feed.value, name).title for name in said[:AGREEING]}
    return titles.pop() if len(titles) == 1 else feed.title
