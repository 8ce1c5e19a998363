"""What the demo can tell at its end, read from the rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow, SubscriberRow
from publisher.delivery.report import Report, report
from publisher.delivery.why import Why, why
from publisher.editions.models import (
    DeliveryRow,
    DeliveryState,
    EditionKind,
    EditionRow,
    ExclusionRow,
)
from publisher.newsroom.models import ArticleRow, ArticleVersionRow

Story = tuple[ArticleRow, ArticleVersionRow]


@dataclass(frozen=True, slots=True)
class Desk:
    """A section, how many stories came in for it, and in which languages."""

    name: str
    stories: int
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """An edition that went out: `took_s` from its freezing to its last outcome."""

    number: int
    name: str
    sums: Report
    took_s: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.sums.accepted / self.took_s if self.took_s else 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Why one reader did or did not get an edition."""

    address: str
    issue: str
    why: Why


def stories(session: Session) -> Sequence[Story]:
    """Every article that came in, oldest first."""
    statement = (
        select(ArticleRow, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(ArticleRow.version_id))
        .order_by(col(ArticleRow.id))
    )
    return session.exec(statement).all()


def desks(found: Sequence[Story]) -> list[Desk]:
    """The sections, in the order in which they first had a story."""
    names = {article.section: version.section_name for article, version in found if article.section}
    return [
        Desk(
            name=name or section,
            stories=sum(article.section == section for article, _ in found),
            languages=tuple(
                dict.fromkeys(
                    article.language.partition("-")[0]
                    for article, _ in found
                    if article.section == section
                )
            ),
        )
        for section, name in names.items()
    ]


def issues(session: Session) -> list[Issue]:
    """Every edition that went out, in order."""
    statement = (
        select(EditionRow, NewsletterRow)
        .join(NewsletterRow, col(NewsletterRow.id) == col(EditionRow.newsletter_id))
        .where(col(EditionRow.frozen_at).is_not(None))
        .order_by(col(EditionRow.id))
    )
    return [
        Issue(
            edition.id or 0, name_of(edition, newsletter), report(session, edition), _took(edition)
        )
        for edition, newsletter in session.exec(statement)
    ]


def name_of(edition: EditionRow, newsletter: NewsletterRow) -> str:
    """An edition as people call it."""
    if edition.kind == EditionKind.SPECIAL:
        return f"{newsletter.name}, special"
    return f"{newsletter.name}, {edition.cadence}"


def answers(session: Session) -> list[Answer]:
    """One reader for each reason why somebody got nothing or may have got nothing."""
    asked: dict[str, tuple[int, int]] = {}
    excluded = select(ExclusionRow).order_by(
        col(ExclusionRow.edition_id), col(ExclusionRow.subscriber_id)
    )
    for exclusion in session.exec(excluded):
        asked.setdefault(exclusion.reason.value, (exclusion.edition_id, exclusion.subscriber_id))
    uncertain = select(DeliveryRow).where(DeliveryRow.state == DeliveryState.UNCERTAIN)
    for delivery in session.exec(uncertain):
        asked.setdefault("uncertain", (delivery.edition_id, delivery.subscriber_id))
    return [_answer(session, *who) for who in asked.values()]


def left_out(sums: Report) -> str:
    """The exclusions in words, by how many."""
    counted = Counter(sums.excluded).most_common()
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in counted)


def size_of(session: Session) -> int:
    """How many readers there are."""
    return session.exec(select(sa.func.count()).select_from(SubscriberRow)).one()


def _answer(session: Session, edition_id: int, subscriber_id: int) -> Answer:
    edition = session.get_one(EditionRow, edition_id)
    subscriber = session.get_one(SubscriberRow, subscriber_id)
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    return Answer(
        address=subscriber.address or "",
        issue=name_of(edition, newsletter),
        why=why(session, subscriber.address_key, edition),
    )


def _took(edition: EditionRow) -> float:
    if edition.frozen_at is None or edition.finished_at is None:
        return 0.0
    return (edition.finished_at - edition.frozen_at).total_seconds()
