"""What may be done to an article: each act checks the state table and writes one event."""

from datetime import UTC, datetime

from sqlmodel import Session, col, select

from publisher.accounts.actor import CLOCK, Actor
from publisher.errors import InvalidInputError, RefusedError
from publisher.newsroom.characters import printable
from publisher.newsroom.events import note
from publisher.newsroom.find import current_version
from publisher.newsroom.models import ArticleEventRow, ArticleRow, ArticleState
from publisher.newsroom.states import after

NOTE_LIMIT = 500


def publish(session: Session, article: ArticleRow, *, by: Actor, now: datetime) -> None:
    """Let a story out for the first time."""
    _go(session, article, "publish", by=by, now=now)


def embargo(
    session: Session, article: ArticleRow, until: datetime, *, by: Actor, now: datetime
) -> None:
    """Keep a story in until `until`; the clock lets it out, never early.

    Raises InvalidInputError where that is not to come.
    """
    if until <= now:
        raise InvalidInputError("An embargo ends in the future; name a later time.")
    after(article.state, "embargo")
    article.embargo_until = until
    article.reason = f"Embargoed until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    _go(session, article, "embargo", by=by, now=now, reason=article.reason)


def lift_due(session: Session, now: datetime) -> int:
    """Let out every story whose embargo is over; returns how many."""
    statement = (
        select(ArticleRow)
        .where(ArticleRow.state == ArticleState.EMBARGOED, col(ArticleRow.embargo_until) <= now)
        .order_by(col(ArticleRow.id))
        .with_for_update(skip_locked=True)
    )
    articles = session.exec(statement).all()
    for article in articles:
        _go(session, article, "lift", by=CLOCK, now=now)
    return len(articles)


def correct(
    session: Session, article: ArticleRow, correction: str, *, by: Actor, now: datetime
) -> None:
    """Mark the current version as the corrected one.

    `correction` says what was wrong and what is right, in at most 500 characters; raises
    InvalidInputError where it does not.
    """
    text = printable(correction).strip()
    if not text or len(text) > NOTE_LIMIT:
        raise InvalidInputError(
            f"A correction needs a note of 1 to {NOTE_LIMIT} characters that says what was wrong "
            "and what is right."
        )
    after(article.state, "correct")
    article.correction = text
    article.corrected_at = article.updated_at = now
    _go(session, article, "correct", by=by, now=now, reason=text)


def hold(session: Session, article: ArticleRow, reason: str, *, by: Actor, now: datetime) -> None:
    """Take a story out of every exit while it is looked into."""
    _go(session, article, "hold", by=by, now=now, reason=_said(reason, "hold"))


def release(session: Session, article: ArticleRow, *, by: Actor, now: datetime) -> None:
    """Let a story out that was on hold or in review.

    An embargo that is still to come sends it there instead of out. Raises RefusedError where
    there is nothing to let out: an order to hold or kill may have come without the story.
    """
    version = current_version(session, article)
    if not (version.title and version.paragraphs):
        raise RefusedError(
            "This story has no headline or no text, so it cannot go out. Have its source send it."
        )
    if article.embargo_until is not None and article.embargo_until > now:
        embargo(session, article, article.embargo_until, by=by, now=now)
        return
    _go(session, article, "release", by=by, now=now)


def withdraw(
    session: Session, article: ArticleRow, reason: str, *, by: Actor, now: datetime
) -> None:
    """Take a story away quietly, for good."""
    said = _said(reason, "withdraw")
    after(article.state, "withdraw")
    article.left_at = article.updated_at = now
    _go(session, article, "withdraw", by=by, now=now, reason=said)


def kill(session: Session, article: ArticleRow, reason: str, *, by: Actor, now: datetime) -> None:
    """Take a story away everywhere at once; it must not be used. Doing it twice is harmless."""
    if article.state == ArticleState.KILLED:
        return
    said = _said(reason, "kill")
    article.left_at = article.updated_at = now
    article.embargo_until = None
    _go(session, article, "kill", by=by, now=now, reason=said)


def restore(
    session: Session, article: ArticleRow, reason: str, *, by: Actor, now: datetime
) -> None:
    """Bring back what was killed, withdrawn or held, into review; `release` lets it out."""
    said = _said(reason, "restore")
    after(article.state, "restore")
    article.left_at = None
    article.updated_at = now
    _go(session, article, "restore", by=by, now=now, reason=said)


def mark(
    session: Session,
    article: ArticleRow,
    event: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    section_before: str | None = None,
) -> ArticleEventRow:
    """Move the article as the state table says and write the event.

    A first publication sets `eligible_at`, which never changes again.
    """
    before = article.state
    article.state = after(before, event)
    if article.state is not before:
        article.reason = reason
    if article.state == ArticleState.PUBLISHED and article.eligible_at is None:
        article.eligible_at = now
        article.updated_at = now
    session.add(article)
    session.flush()
    return note(
        session,
        article,
        event,
        before=before,
        by=by,
        at=now,
        reason=reason,
        section_before=section_before,
    )


def _go(
    session: Session,
    article: ArticleRow,
    event: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    mark(session, article, event, by=by, now=now, reason=reason)


def _said(reason: str, event: str) -> str:
    text = printable(reason).strip()
    if not text:
        raise InvalidInputError(f"Say why: “{event}” needs a reason, which the desk will show.")
    return text[:NOTE_LIMIT]
