"""The feeds there are: one for the whole site, one for each section readers can know of."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.errors import NotFoundError
from publisher.feeds.files import file_name
from publisher.feeds.models import FeedRow
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.queue import wake
from publisher.store.columns import new_uuid

log = logging.getLogger(__name__)

ALL = "all"


def list_feeds(session: Session) -> Sequence[FeedRow]:
    """Every feed: the whole site first, then the sections by their titles."""
    whole_first = sa.case((col(FeedRow.slug) == ALL, 0), else_=1)
    return session.exec(select(FeedRow).order_by(whole_first, FeedRow.title, FeedRow.slug)).all()


def find_feed(session: Session, slug: str) -> FeedRow:
    """The feed of that slug; raises NotFoundError."""
    feed = session.get(FeedRow, slug)
    if feed is None:
        raise NotFoundError("feed", slug)
    return feed


def ensure_feeds(session: Session, now: datetime) -> None:
    """Make the feeds that are missing: `all`, and sections of stories or newsletters.

    A section of stories that never went out is not yet anybody's business.
    """
    for section in [None, *sorted(_sections(session))]:
        ensure_feed(session, section, now)


def ensure_feed(session: Session, section: str | None, now: datetime) -> bool:
    """Make the section's feed where it is missing and have it built; False where it cannot be."""
    slug = section or ALL
    if session.get(FeedRow, slug) is not None:
        return True
    if not _can_be_a_name(slug):
        log.warning("section %r cannot have a feed: its slug cannot be a file name", section)
        return False
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(FeedRow)
        .values(
            slug=slug,
            uuid=new_uuid(now),
            section=section,
            title=_title(session, section),
            wanted_event=0,
            built_event=-1,
            entries=0,
        )
        .on_conflict_do_nothing()
        .returning(col(FeedRow.slug))
    )
    if session.execute(statement).scalar() is not None:
        wake(session, "publisher.feeds.build", slug=slug)
    return True


def want(session: Session, slugs: Iterable[str], event_id: int = 0) -> None:
    """Have feeds built again, once this is committed.

    The number wanted grows each time, so that a build which is under way counts as older news.
    """
    next_number = col(FeedRow.wanted_event) + 1
    number = sa.case((next_number > event_id, next_number), else_=event_id)
    for slug in sorted(slugs):
        session.execute(
            sa.update(FeedRow).where(col(FeedRow.slug) == slug).values(wanted_event=number)
        )
        wake(session, "publisher.feeds.build", slug=slug)


def _sections(session: Session) -> set[str]:
    out = select(ArticleRow.section).where(col(ArticleRow.eligible_at).is_not(None)).distinct()
    chosen = session.exec(select(NewsletterRow.sections)).all()
    found = {*session.exec(out), *(section for sections in chosen for section in sections)}
    return {section for section in found if section}


def _title(session: Session, section: str | None) -> str:
    """The section's name as its newest story that went out gives it."""
    if section is None:
        return "All stories"
    statement = (
        select(ArticleVersionRow.section_name)
        .join(ArticleRow, col(ArticleRow.version_id) == col(ArticleVersionRow.id))
        .where(ArticleRow.section == section, col(ArticleRow.eligible_at).is_not(None))
        .order_by(col(ArticleRow.eligible_at).desc())
        .limit(1)
    )
    name = session.exec(statement).first()
    return (name or section.replace("-", " ").capitalize())[:200]


def _can_be_a_name(slug: str) -> bool:
    try:
        file_name(slug, "rss")
    except ValueError:
        return False
    return True
