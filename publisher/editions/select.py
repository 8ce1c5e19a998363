"""Which stories an edition may carry, and in which order.

Selection goes by `eligible_at`, the moment a story first might go out, and by the ledger; never
by the date an article claims. So what arrives late, was skipped or fell to a crash carries over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.editions.slots import HORIZON
from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleRow

MAX_AGE = timedelta(days=7)
LEAST_URGENT = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story that may go into an edition, at the version that is current now."""

    story_id: int
    article_id: int
    version_id: int
    section: str
    eligible_at: datetime
    published_at: datetime | None = None
    urgency: int | None = None


def candidates(
    session: Session, newsletter: NewsletterRow, *, cadence: str, cutoff: datetime, now: datetime
) -> list[Candidate]:
    """The stories of the newsletter's sections and language that became eligible by `cutoff`.

    Unordered, one a story. Baseline stories and late arrivals older than a week are for feeds only.
    """
    statement = select(ArticleRow).where(
        leavable("mail", now),
        col(ArticleRow.eligible_at) <= cutoff,
        col(ArticleRow.eligible_at) > cutoff - HORIZON.get(cadence, HORIZON["weekly"]),
        col(ArticleRow.baseline).is_(False),
        _same_language(newsletter.language),
    )
    if newsletter.sections:
        statement = statement.where(col(ArticleRow.section).in_(newsletter.sections))
    return one_a_story(_candidate(row) for row in session.exec(statement) if _is_fresh(row))


def chosen(session: Session, uuids: Sequence[str], now: datetime) -> list[Candidate]:
    """An editor's stories in the editor's order, without those that may not leave now."""
    statement = select(ArticleRow).where(leavable("mail", now), col(ArticleRow.uuid).in_(uuids))
    found = {row.uuid: _candidate(row) for row in session.exec(statement)}
    return [found[uuid] for uuid in uuids if uuid in found]


def in_order(stories: Sequence[Candidate], sections: Sequence[str]) -> list[Candidate]:
    """The lead first, then section by section as the newsletter lists them, best first in each."""
    if not stories:
        return []
    lead = min(stories, key=rank)
    places = {slug: place for place, slug in enumerate(sections)}
    rest = sorted(
        (story for story in stories if story is not lead),
        key=lambda story: (places.get(story.section, len(places)), story.section, *rank(story)),
    )
    return [lead, *rest]


def rank(story: Candidate) -> tuple[int, float, int]:
    """Sorts the best first: the most urgent, then the newest, then by id."""
    shown = story.published_at or story.eligible_at
    return story.urgency or LEAST_URGENT, -shown.timestamp(), story.article_id


def one_a_story(found: Iterable[Candidate]) -> list[Candidate]:
    """The best article of each story."""
    best: dict[int, Candidate] = {}
    for candidate in found:
        known = best.get(candidate.story_id)
        if known is None or rank(candidate) < rank(known):
            best[candidate.story_id] = candidate
    return list(best.values())


def _candidate(row: ArticleRow) -> Candidate:
    return Candidate(
        story_id=row.story_id,
        article_id=row.id or 0,
        version_id=row.version_id or 0,
        section=row.section or "",
        eligible_at=row.eligible_at or row.received_at,
        published_at=row.published_at,
        urgency=row.urgency,
    )


def _is_fresh(row: ArticleRow) -> bool:
    if row.published_at is None or row.eligible_at is None:
        return True
    return row.published_at >= row.eligible_at - MAX_AGE


def _same_language(language: str) -> sa.ColumnElement[bool]:
    primary = language.split("-", maxsplit=1)[0].lower()
    shown = sa.func.lower(col(ArticleRow.language))
    return sa.or_(shown == primary, shown.startswith(f"{primary}-"))
