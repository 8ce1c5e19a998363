"""What a source says beside the text: the first state of an article, and orders for later ones."""

from datetime import datetime

from sqlmodel import Session, col, select

from publisher.newsroom import acts
from publisher.newsroom.arrival import Arrival
from publisher.newsroom.models import ArticleEventRow, ArticleRow, ArticleState
from publisher.newsroom.states import LIVE


def admit(session: Session, article: ArticleRow, arrival: Arrival) -> None:
    """Decide the first state of an article; the strictest reason wins.

    An embargo is kept beside the other reasons, so that a release cannot break it.
    """
    article.embargo_until = arrival.waits_until
    _take_correction(session, article, arrival)
    by, now, incoming = arrival.by, arrival.now, arrival.incoming
    if incoming.signal == "kill":
        kill(session, article, arrival)
    elif incoming.problem:
        acts.mark(session, article, "quarantine", by=by, now=now, reason=incoming.problem)
    elif arrival.review:
        acts.mark(session, article, "review", by=by, now=now, reason=arrival.review)
    elif article.embargo_until is not None:
        acts.embargo(session, article, article.embargo_until, by=by, now=now)
    else:
        acts.publish(session, article, by=by, now=now)


def follow(session: Session, article: ArticleRow, arrival: Arrival) -> bool:
    """Do what the source says about an article that waits or is out; False where that is nothing.

    A source takes back its own hold and moves its own embargo, never an editor's.
    """
    if arrival.incoming.signal == "withdraw":
        reason = arrival.incoming.note or "Withdrawn by its source."
        acts.withdraw(session, article, reason, by=arrival.by, now=arrival.now)
        return True
    orders = (_hold, _take_correction, _end_hold, _move_embargo)
    followed = [order(session, article, arrival) for order in orders]
    return any(followed)


def kill(session: Session, article: ArticleRow, arrival: Arrival) -> None:
    """The source says that the story must not be used."""
    reason = arrival.incoming.note or "Killed by the source."
    acts.kill(session, article, reason, by=arrival.by, now=arrival.now)


def _hold(session: Session, article: ArticleRow, arrival: Arrival) -> bool:
    reason = arrival.incoming.note or "Held by the source."
    if arrival.incoming.signal == "hold" and article.state == ArticleState.PUBLISHED:
        acts.hold(session, article, reason, by=arrival.by, now=arrival.now)
    elif arrival.incoming.signal == "hold" and article.state == ArticleState.EMBARGOED:
        acts.mark(session, article, "review", by=arrival.by, now=arrival.now, reason=reason)
    else:
        return False
    return True


def _take_correction(session: Session, article: ArticleRow, arrival: Arrival) -> bool:
    """Mark what is out as corrected; to what is not, the note is only added."""
    note = (arrival.incoming.note or "")[: acts.NOTE_LIMIT].strip()
    if arrival.incoming.signal != "correction" or note in {"", article.correction}:
        return False
    if article.state in LIVE:
        acts.correct(session, article, note, by=arrival.by, now=arrival.now)
    else:
        article.correction, article.corrected_at = note, arrival.now
    return True


def _end_hold(session: Session, article: ArticleRow, arrival: Arrival) -> bool:
    is_held = article.state == ArticleState.ON_HOLD and arrival.by.kind == "source"
    if not is_held or arrival.review or not _is_own(session, article, "hold", arrival):
        return False
    acts.release(session, article, by=arrival.by, now=arrival.now)
    return True


def _move_embargo(session: Session, article: ArticleRow, arrival: Arrival) -> bool:
    by, now, until = arrival.by, arrival.now, arrival.waits_until
    if article.state == ArticleState.EMBARGOED and arrival.incoming.embargo_held:
        acts.mark(session, article, "review", by=by, now=now, reason=arrival.review)
        return True
    if until == article.embargo_until or not _may_move(session, article, until, arrival):
        return False
    if article.state == ArticleState.IN_REVIEW:
        article.embargo_until = until
    elif until is None:
        acts.mark(session, article, "lift", by=by, now=now)
    else:
        acts.embargo(session, article, until, by=by, now=now)
    return True


def _may_move(
    session: Session, article: ArticleRow, until: datetime | None, arrival: Arrival
) -> bool:
    """Later always; earlier, or away, only where the source set it itself and is trusted."""
    if article.state not in {ArticleState.EMBARGOED, ArticleState.IN_REVIEW}:
        return False
    if until is not None and (article.embargo_until is None or until > article.embargo_until):
        return True
    if arrival.incoming.embargo_held or arrival.incoming.signal == "hold":
        return False
    is_trusted = arrival.terms.review is None or article.state == ArticleState.IN_REVIEW
    return is_trusted and _is_own(session, article, "embargo", arrival)


def _is_own(session: Session, article: ArticleRow, event: str, arrival: Arrival) -> bool:
    """Whether whoever brings this did that the last time, if anybody did."""
    statement = (
        select(ArticleEventRow.actor)
        .where(ArticleEventRow.article_id == article.id, ArticleEventRow.event == event)
        .order_by(col(ArticleEventRow.id).desc())
        .limit(1)
    )
    return session.exec(statement).first() in {None, str(arrival.by)[:220]}
