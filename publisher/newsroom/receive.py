"""Taking an article in: one row per (source, external_id), one version per change of content."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor
from publisher.newsroom import acts
from publisher.newsroom.admission import admit, follow, kill
from publisher.newsroom.arrival import Arrival, Terms
from publisher.newsroom.events import note
from publisher.newsroom.fitting import fitted, is_wordless
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import (
    ArticleEventRow,
    ArticleRow,
    ArticleState,
    ArticleVersionRow,
    StoryRow,
)
from publisher.newsroom.states import GONE, LIVE
from publisher.newsroom.versions import content_of, version_row
from publisher.store.columns import new_uuid
from publisher.store.locks import lock_name

__all__ = ["Outcome", "Received", "Terms", "content_hash", "receive"]

Outcome = Literal["new", "updated", "unchanged", "older", "stillborn", "barred", "quarantined"]

UNDECIDED = frozenset({ArticleState.RECEIVED, ArticleState.QUARANTINED})

_BARRED = (
    "Its source put an embargo on a new version after the story was out. What is out stays; send "
    "the new version again when its embargo is over."
)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an incoming article; `problem` says why this version is not used."""

    article: ArticleRow
    outcome: Outcome
    problem: str | None = None


def receive(
    session: Session, incoming: Incoming, *, by: Actor, now: datetime, terms: Terms | None = None
) -> Received:
    """Store the article and let it into the state it belongs in.

    The same content twice is one article and one version. An older version than the current one
    is kept as history only. What was killed stays killed, whatever comes later.
    """
    arrival = Arrival(fitted(incoming, now), by, now, terms or Terms())
    lock_name(session, f"article {arrival.incoming.source} {arrival.incoming.external_id}")
    article = _find(session, arrival.incoming)
    if article is None:
        return _first(session, arrival)
    if arrival.incoming.problem:
        return _unusable(session, article, arrival)
    return _again(session, article, arrival)


def _find(session: Session, incoming: Incoming) -> ArticleRow | None:
    """The article, locked: an editor's act at the same moment waits, or is seen."""
    statement = (
        select(ArticleRow)
        .where(ArticleRow.source == incoming.source, ArticleRow.external_id == incoming.external_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(statement).one_or_none()


def _first(session: Session, arrival: Arrival) -> Received:
    story = StoryRow(created_at=arrival.now)
    session.add(story)
    session.flush()
    article = ArticleRow(
        uuid=new_uuid(arrival.now),
        story_id=story.id or 0,
        source=arrival.incoming.source,
        external_id=arrival.incoming.external_id,
        state=ArticleState.RECEIVED,
        received_at=arrival.now,
        updated_at=arrival.now,
        baseline=arrival.terms.baseline,
    )
    session.add(article)
    session.flush()
    _make_current(session, article, arrival)
    admit(session, article, arrival)
    if article.state != ArticleState.PUBLISHED:
        article.baseline = False  # what comes out later than the first sync is news
    problem = arrival.incoming.problem
    return Received(article, "quarantined" if problem else "new", problem)


def _unusable(session: Session, article: ArticleRow, arrival: Arrival) -> Received:
    """A broken version never replaces a good one: the last good one stays, the desk is told."""
    problem = arrival.incoming.problem or ""
    if article.state == ArticleState.QUARANTINED:
        article.reason = problem
        session.add(article)
    elif article.state not in GONE:
        _tell(session, article, problem, arrival)
    return Received(article, "quarantined", problem)


def _again(session: Session, article: ArticleRow, arrival: Arrival) -> Received:
    current = session.get_one(ArticleVersionRow, article.version_id)
    is_same = is_wordless(arrival.incoming) or current.content_hash == content_hash(
        arrival.incoming
    )
    is_older = _is_older(article, current, arrival)
    if arrival.incoming.signal == "kill":
        return _killed(session, article, arrival, is_news=not is_same)
    if is_older:
        if not is_same:
            _keep(session, article, arrival)
        return Received(article, "unchanged" if is_same else "older")
    if article.state in GONE:
        return _while_gone(session, article, arrival, is_news=not is_same)
    if article.state in LIVE and arrival.is_under_embargo:
        return _barred(session, article, arrival, is_news=not is_same)
    if article.state in UNDECIDED or not is_same:
        return _update(session, article, arrival)
    return _repeated(session, article, current, arrival)


def _is_older(article: ArticleRow, current: ArticleVersionRow, arrival: Arrival) -> bool:
    """Any story is newer than what cannot be used."""
    if article.state in UNDECIDED or not current.paragraphs:
        return False
    claimed = arrival.incoming.version_at
    return claimed is not None and claimed < current.version_at


def _killed(session: Session, article: ArticleRow, arrival: Arrival, *, is_news: bool) -> Received:
    """A kill counts whatever its age; its text is history, should the story be restored."""
    outcome: Outcome = "unchanged" if article.state == ArticleState.KILLED else "updated"
    if is_news:
        _keep(session, article, arrival)
    kill(session, article, arrival)
    return Received(article, outcome)


def _while_gone(
    session: Session, article: ArticleRow, arrival: Arrival, *, is_news: bool
) -> Received:
    """What is gone stays gone; the newest text is there should an editor restore it."""
    if not is_news:
        return Received(article, "unchanged")
    section_before = article.section
    _make_current(session, article, arrival)
    note(
        session,
        article,
        "update",
        before=article.state,
        by=arrival.by,
        at=arrival.now,
        section_before=section_before,
    )
    return Received(article, "updated" if article.state == ArticleState.EXPIRED else "stillborn")


def _barred(session: Session, article: ArticleRow, arrival: Arrival, *, is_news: bool) -> Received:
    """An embargo cannot be put on what is out, and what it bars does not go out."""
    if is_news:
        _keep(session, article, arrival)
    if arrival.incoming.signal in {"hold", "withdraw"}:
        follow(session, article, arrival)
    else:
        _tell(session, article, _BARRED, arrival)
    return Received(article, "barred", _BARRED)


def _update(session: Session, article: ArticleRow, arrival: Arrival) -> Received:
    section_before = article.section
    _make_current(session, article, arrival)
    if article.state in UNDECIDED:
        admit(session, article, arrival)
        return Received(article, "updated")
    _forget_trouble(session, article)
    acts.mark(
        session,
        article,
        "update",
        by=arrival.by,
        now=arrival.now,
        section_before=section_before,
    )
    follow(session, article, arrival)
    return Received(article, "updated")


def _repeated(
    session: Session, article: ArticleRow, current: ArticleVersionRow, arrival: Arrival
) -> Received:
    """The text that is current already: only its age and what is said beside it may be new."""
    _forget_trouble(session, article)
    if arrival.incoming.version_at is not None:
        current.version_at = max(current.version_at, arrival.incoming.version_at)
        session.add(current)
    is_changed = follow(session, article, arrival)
    return Received(article, "updated" if is_changed else "unchanged")


def _tell(session: Session, article: ArticleRow, trouble: str, arrival: Arrival) -> None:
    """Have the desk see why the newest version is not used; once, however often it comes.

    The reason why a story waits or is held is more important and stays.
    """
    newest = (
        select(ArticleEventRow.reason)
        .where(ArticleEventRow.article_id == article.id)
        .order_by(col(ArticleEventRow.id).desc())
        .limit(1)
    )
    if session.exec(newest).first() == trouble:
        return
    if article.state == ArticleState.PUBLISHED:
        article.reason = trouble
    acts.mark(session, article, "update", by=arrival.by, now=arrival.now, reason=trouble)


def _forget_trouble(session: Session, article: ArticleRow) -> None:
    if article.state == ArticleState.PUBLISHED:
        article.reason = None
        session.add(article)


def _make_current(session: Session, article: ArticleRow, arrival: Arrival) -> None:
    version, incoming = _keep(session, article, arrival), arrival.incoming
    version.version_at = max(version.version_at, incoming.version_at or arrival.now)
    session.add(version)
    article.version_id = version.id
    article.version = version.number
    article.language = incoming.language
    article.section = incoming.section
    article.urgency = incoming.urgency
    article.rights_status = incoming.rights_status
    article.published_at = incoming.published_at
    session.add(article)


def _keep(session: Session, article: ArticleRow, arrival: Arrival) -> ArticleVersionRow:
    """The version's row, history until made current; what is kept already is not kept twice."""
    digest = content_hash(arrival.incoming)
    of_article = ArticleVersionRow.article_id == article.id
    later = select(ArticleVersionRow).where(
        of_article,
        ArticleVersionRow.content_hash == digest,
        col(ArticleVersionRow.number) > article.version,
    )
    known = session.exec(later).first()
    if known is not None:
        return known
    numbers = select(sa.func.max(ArticleVersionRow.number)).where(of_article)
    number = (session.exec(numbers).one() or 0) + 1
    row = version_row(article.id or 0, number, arrival.incoming, digest, arrival.now)
    session.add(row)
    session.flush()
    return row


def content_hash(incoming: Incoming) -> str:
    """SHA-256 over everything that readers can see; hexadecimal."""
    text = json.dumps(content_of(incoming), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
