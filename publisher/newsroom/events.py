"""News of articles: an event row in the change's own transaction, and receipts of who reacted."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.newsroom.models import ArticleEventRow, ArticleReceiptRow, ArticleRow, ArticleState
from publisher.queue import wake

ROOMS = ("feeds", "editions", "delivery")
LOOKED_BACK = 5000


def note(
    session: Session,
    article: ArticleRow,
    event: str,
    *,
    before: ArticleState,
    by: Actor,
    at: datetime,
    reason: str | None = None,
    section_before: str | None = None,
) -> ArticleEventRow:
    """Write the event and its audit row, and wake the rooms once this is committed."""
    row = ArticleEventRow(
        article_id=article.id or 0,
        at=at,
        event=event,
        before=before.value,
        after=article.state.value,
        version=article.version,
        actor=str(by)[:220],
        reason=reason,
        section_before=section_before,
    )
    session.add(row)
    session.flush()
    record(session, by, f"article.{event}", "article", article.uuid, at=at, reason=reason or "")
    wake(session, "publisher.newsroom.react", event_id=row.id or 0)
    return row


def take(session: Session, event_id: int, room: str, now: datetime) -> ArticleEventRow | None:
    """Leave the receipt of `room`; the event, or None where the room has dealt with it before."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(ArticleReceiptRow)
        .values(event_id=event_id, room=room, at=now)
        .on_conflict_do_nothing()
        .returning(col(ArticleReceiptRow.event_id))
    )
    if session.execute(statement).scalar() is None:
        return None
    return session.get(ArticleEventRow, event_id)


def unanswered(session: Session, *, before: datetime, limit: int = 500) -> Iterable[int]:
    """Ids of events older than `before` that lack the receipt of some room, oldest first.

    Looks at the newest 5,000 only: every few seconds it is asked, and what is older was answered.
    """
    newest = select(sa.func.max(ArticleEventRow.id)).scalar_subquery()
    receipts = (
        select(sa.func.count())
        .where(col(ArticleReceiptRow.event_id) == col(ArticleEventRow.id))
        .scalar_subquery()
    )
    statement = (
        select(ArticleEventRow.id)
        .where(
            col(ArticleEventRow.id) > newest - LOOKED_BACK,
            col(ArticleEventRow.at) < before,
            receipts < len(ROOMS),
        )
        .order_by(col(ArticleEventRow.id))
        .limit(limit)
    )
    return [event_id for event_id in session.exec(statement) if event_id is not None]


def newest_event(session: Session) -> int:
    """The id of the newest event; 0 where there is none."""
    return session.exec(select(sa.func.max(ArticleEventRow.id))).one() or 0
