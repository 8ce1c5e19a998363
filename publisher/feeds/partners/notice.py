"""Notes what partners are to be brought, and finds what no message brought to them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from publisher.feeds.models import FeedEntryRow
from publisher.feeds.partners.models import (
    GivenState,
    PartnerGivenRow,
    PartnerPushRow,
    PartnerRow,
    PartnerScopeRow,
)
from publisher.newsroom.models import ArticleEventRow
from publisher.queue import wake

PUSH = "publisher.partners.push"


def note(session: Session, event: ArticleEventRow, now: datetime) -> None:
    """Have partners brought the story as it is now, after the feeds took it in.

    Those are who gets the stories of a feed that it belongs to, and whoever has it already:
    where a story moves out of a contract, its corrections and its kill still come.
    """
    noted = [
        slug
        for partner_id, slug in _concerned(session, event.article_id)
        if _enter(session, partner_id, event, now)
    ]
    for slug in noted:
        wake(session, PUSH, partner=slug)


def wake_overdue(session: Session, now: datetime) -> None:
    """Wake what is due and waits."""
    due = (
        select(PartnerRow.slug)
        .join(PartnerPushRow, col(PartnerPushRow.partner_id) == col(PartnerRow.id))
        .join(PartnerGivenRow, col(PartnerGivenRow.partner_id) == col(PartnerRow.id))
        .where(*is_due(now))
        .distinct()
    )
    for slug in session.exec(due):
        wake(session, PUSH, partner=slug)


def is_due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of a story, beside the push of its partner, that is to be brought now."""
    claimed = col(PartnerGivenRow.claimed_until)
    return (
        col(PartnerGivenRow.state) == GivenState.WAITING,
        col(PartnerGivenRow.next_at) <= now,
        sa.or_(claimed.is_(None), claimed <= now),
        col(PartnerPushRow.next_at) <= now,
        col(PartnerPushRow.ended_at).is_(None),
    )


def _concerned(session: Session, article_id: int) -> list[tuple[int, str]]:
    """Ids and slugs of the partners, in the order in which their rows are locked."""
    gets = (
        sa.select(col(PartnerScopeRow.partner_id))
        .join(FeedEntryRow, col(FeedEntryRow.slug) == col(PartnerScopeRow.slug))
        .where(col(FeedEntryRow.article_id) == article_id)
    )
    has = sa.select(col(PartnerGivenRow.partner_id)).where(
        col(PartnerGivenRow.article_id) == article_id
    )
    statement = (
        sa.select(col(PartnerRow.id), col(PartnerRow.slug))
        .join(PartnerPushRow, col(PartnerPushRow.partner_id) == col(PartnerRow.id))
        .where(
            col(PartnerPushRow.ended_at).is_(None),
            sa.or_(col(PartnerRow.id).in_(gets), col(PartnerRow.id).in_(has)),
        )
        .order_by(col(PartnerRow.id))
    )
    return [(partner_id, slug) for partner_id, slug in session.execute(statement)]


def _enter(session: Session, partner_id: int, event: ArticleEventRow, now: datetime) -> bool:
    """Note the revision; False where the partner has heard of it, or of a later one."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    news = {
        "revision": event.id or 0,
        "wanted_at": now,
        "state": GivenState.WAITING,
        "next_at": now,
        "failures": 0,
    }
    statement = (
        insert(PartnerGivenRow)
        .values(partner_id=partner_id, article_id=event.article_id, **news)
        .on_conflict_do_update(
            index_elements=["partner_id", "article_id"],
            set_=news,
            where=col(PartnerGivenRow.revision) < (event.id or 0),
        )
        .returning(col(PartnerGivenRow.article_id))
    )
    return session.execute(statement).scalar() is not None
