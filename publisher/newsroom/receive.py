"""Taking an article in: one row per (source, external_id), one version per change of content."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor
from publisher.newsroom import acts
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow, StoryRow
from publisher.newsroom.versions import content_of, version_row
from publisher.store.columns import new_uuid
from publisher.store.locks import lock_name

Outcome = Literal["new", "updated", "unchanged", "older", "stillborn", "quarantined"]
FUTURE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an incoming article."""

    article: ArticleRow
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a source's articles come in.

    `baseline`: a first sync, in feeds but never mailed. `review` says why an editor must release
    each; None where they may go out by themselves.
    """

    baseline: bool = False
    review: str | None = None


def receive(
    session: Session, incoming: Incoming, *, by: Actor, now: datetime, terms: Terms | None = None
) -> Received:
    """Store the article and let it into the state it belongs in.

    The same content twice is one article and one version. An older version than the current one
    is kept as history only. What was killed stays killed, whatever comes later.
    """
    lock_name(session, f"article {incoming.source} {incoming.external_id}")
    article = _find(session, incoming)
    if article is None:
        return _first(session, incoming, by=by, now=now, terms=terms or Terms())
    return _again(session, article, incoming, by=by, now=now, terms=terms or Terms())


def _find(session: Session, incoming: Incoming) -> ArticleRow | None:
    statement = select(ArticleRow).where(
        ArticleRow.source == incoming.source, ArticleRow.external_id == incoming.external_id
    )
    return session.exec(statement).one_or_none()


def _first(
    session: Session, incoming: Incoming, *, by: Actor, now: datetime, terms: Terms
) -> Received:
    story = StoryRow(created_at=now)
    session.add(story)
    session.flush()
    article = ArticleRow(
        uuid=new_uuid(now),
        story_id=story.id or 0,
        source=incoming.source,
        external_id=incoming.external_id,
        state=ArticleState.RECEIVED,
        received_at=now,
        updated_at=now,
        baseline=terms.baseline,
    )
    session.add(article)
    session.flush()
    _make_current(session, article, _keep(session, article, incoming, now), incoming)
    _admit(session, article, incoming, by=by, now=now, terms=terms)
    return Received(article, "quarantined" if incoming.problem else "new")


def _again(
    session: Session,
    article: ArticleRow,
    incoming: Incoming,
    *,
    by: Actor,
    now: datetime,
    terms: Terms,
) -> Received:
    if incoming.problem:
        return _unusable(session, article, incoming, by=by, now=now)
    known = _known(session, article, incoming)
    if known is None and _is_older(session, article, incoming):
        _keep(session, article, incoming, now)
        return Received(article, "older")
    if article.state in {ArticleState.KILLED, ArticleState.WITHDRAWN, ArticleState.MERGED}:
        if known is None:
            _keep(session, article, incoming, now)
        return Received(article, "unchanged" if known else "stillborn")
    if known is not None:
        changed = _signal(session, article, incoming, by=by, now=now)
        return Received(article, "updated" if changed else "unchanged")
    return _update(session, article, incoming, by=by, now=now, terms=terms)


def _unusable(
    session: Session, article: ArticleRow, incoming: Incoming, *, by: Actor, now: datetime
) -> Received:
    """A broken version never replaces a good one: the last good one stays, the desk is told."""
    if article.state == ArticleState.QUARANTINED:
        article.reason = incoming.problem
    elif article.reason != incoming.problem:
        article.reason = incoming.problem
        acts.mark(session, article, "update", by=by, now=now, reason=incoming.problem)
    return Received(article, "quarantined")


def _update(
    session: Session,
    article: ArticleRow,
    incoming: Incoming,
    *,
    by: Actor,
    now: datetime,
    terms: Terms,
) -> Received:
    section_before = article.section
    version = _keep(session, article, incoming, now)
    _make_current(session, article, version, incoming)
    if article.state in {ArticleState.RECEIVED, ArticleState.QUARANTINED}:
        _admit(session, article, incoming, by=by, now=now, terms=terms)
    elif not _signal(session, article, incoming, by=by, now=now):
        article.reason = None if article.state == ArticleState.PUBLISHED else article.reason
        acts.mark(session, article, "update", by=by, now=now, section_before=section_before)
    return Received(article, "updated")


def _signal(
    session: Session, article: ArticleRow, incoming: Incoming, *, by: Actor, now: datetime
) -> bool:
    """Follow what the source says beside the text; False where it says nothing new."""
    live = article.state == ArticleState.PUBLISHED
    if incoming.signal == "kill":
        acts.kill(session, article, incoming.note or "Killed by the source.", by=by, now=now)
    elif incoming.signal == "withdraw" and article.state != ArticleState.QUARANTINED:
        acts.withdraw(session, article, incoming.note or "Withdrawn by its source.", by=by, now=now)
    elif incoming.signal == "hold" and live:
        acts.hold(session, article, incoming.note or "Held by the source.", by=by, now=now)
    elif incoming.signal == "correction" and live and incoming.note != article.correction:
        acts.correct(session, article, incoming.note or "", by=by, now=now)
    elif article.state == ArticleState.EMBARGOED and incoming.embargo_until is not None:
        return _move_embargo(session, article, incoming.embargo_until, by=by, now=now)
    else:
        return False
    return True


def _move_embargo(
    session: Session, article: ArticleRow, until: datetime, *, by: Actor, now: datetime
) -> bool:
    if until == article.embargo_until:
        return False
    acts.embargo(session, article, until, by=by, now=now)
    return True


def _admit(
    session: Session,
    article: ArticleRow,
    incoming: Incoming,
    *,
    by: Actor,
    now: datetime,
    terms: Terms,
) -> None:
    """Decide the first state of an article; the strictest reason wins."""
    until = embargo_of(incoming, now)
    if incoming.signal == "kill":
        acts.kill(session, article, incoming.note or "Killed by the source.", by=by, now=now)
    elif incoming.problem:
        acts.mark(session, article, "quarantine", by=by, now=now, reason=incoming.problem)
    elif review := _review_reason(incoming, terms):
        acts.mark(session, article, "review", by=by, now=now, reason=review)
    elif until is not None:
        acts.embargo(session, article, until, by=by, now=now)
    else:
        acts.publish(session, article, by=by, now=now)


def embargo_of(incoming: Incoming, now: datetime) -> datetime | None:
    """Until when the article must wait: its embargo, or its own date where that is to come."""
    until = incoming.embargo_until
    date = incoming.published_at
    if date is not None and date > now + FUTURE:
        until = max(until, date) if until else date
    return until if until is not None and until > now else None


def _review_reason(incoming: Incoming, terms: Terms) -> str | None:
    if incoming.embargo_held:
        return "Its embargo has no time that can be read; release it when it may go out."
    if incoming.signal in {"hold", "withdraw"}:
        return incoming.note or "Its source says that it must not be used yet."
    return terms.review


def _keep(
    session: Session, article: ArticleRow, incoming: Incoming, now: datetime
) -> ArticleVersionRow:
    """Write a version row; it is history until made current."""
    numbers = select(ArticleVersionRow.number).where(ArticleVersionRow.article_id == article.id)
    number = max(session.exec(numbers).all(), default=0) + 1
    row = version_row(article.id or 0, number, incoming, content_hash(incoming), now)
    session.add(row)
    session.flush()
    return row


def _make_current(
    session: Session, article: ArticleRow, version: ArticleVersionRow, incoming: Incoming
) -> None:
    article.version_id = version.id
    article.version = version.number
    article.language = incoming.language
    article.section = incoming.section
    article.urgency = incoming.urgency
    article.rights_status = incoming.rights_status
    article.published_at = incoming.published_at
    session.add(article)


def _known(session: Session, article: ArticleRow, incoming: Incoming) -> ArticleVersionRow | None:
    """The version that has this very content, where the current one or a later one does."""
    statement = select(ArticleVersionRow).where(
        ArticleVersionRow.article_id == article.id,
        ArticleVersionRow.content_hash == content_hash(incoming),
        col(ArticleVersionRow.number) >= article.version,
    )
    return session.exec(statement).first()


def _is_older(session: Session, article: ArticleRow, incoming: Incoming) -> bool:
    current = session.get(ArticleVersionRow, article.version_id)
    if current is None or incoming.version_at is None:
        return False
    return incoming.version_at < current.version_at


def content_hash(incoming: Incoming) -> str:
    """SHA-256 over everything that readers can see; hexadecimal."""
    text = json.dumps(content_of(incoming), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
