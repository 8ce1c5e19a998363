"""What the demo can tell at its end, read from the rows."""

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
    VariantItemRow,
    VariantRow,
)
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow

Story = tuple[ArticleRow, ArticleVersionRow]


@dataclass(frozen=True, slots=True)
class Desk:
    """A section, its language, how many stories came in for it, and how many are out now."""

    name: str
    language: str
    stories: int
    out: int


@dataclass(frozen=True, slots=True)
class Issue:
    """An edition that went out.

    `fewest` to `most` stories a reader, by their wishes; `took_s` from its freezing to its last
    outcome.
    """

    number: int
    name: str
    sums: Report
    fewest: int
    most: int
    took_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Why one of so many `readers` of an edition did not get it, or may not have got it."""

    readers: int
    address: str
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
    """The sections, by language and then the busiest first."""
    by_name: dict[str, list[ArticleRow]] = {}
    for article, version in found:
        if version.section_name:
            by_name.setdefault(version.section_name, []).append(article)
    listed = [
        Desk(
            name=name,
            language=articles[0].language.partition("-")[0],
            stories=len(articles),
            out=sum(article.state == ArticleState.PUBLISHED for article in articles),
        )
        for name, articles in by_name.items()
    ]
    return sorted(listed, key=lambda desk: (desk.language != "en", -desk.stories, desk.name))


def issues(session: Session) -> list[Issue]:
    """Every edition that went out, in order."""
    statement = (
        select(EditionRow, NewsletterRow)
        .join(NewsletterRow, col(NewsletterRow.id) == col(EditionRow.newsletter_id))
        .where(col(EditionRow.frozen_at).is_not(None))
        .order_by(col(EditionRow.id))
    )
    return [_issue(session, *row) for row in session.exec(statement)]


def name_of(edition: EditionRow, newsletter: NewsletterRow) -> str:
    """An edition as people call it."""
    if edition.kind == EditionKind.SPECIAL:
        return f"{newsletter.name}, special"
    return f"{newsletter.name}, {edition.cadence}"


def answers(session: Session) -> list[Answer]:
    """One reader for each reason why somebody got nothing, and one who is uncertain."""
    first = sa.func.min(col(ExclusionRow.subscriber_id))
    excluded = (
        select(col(ExclusionRow.reason), col(ExclusionRow.edition_id), sa.func.count(), first)
        .group_by(col(ExclusionRow.reason), col(ExclusionRow.edition_id))
        .order_by(col(ExclusionRow.edition_id), sa.func.count().desc())
    )
    asked: dict[str, Answer] = {}
    for reason, edition_id, count, subscriber_id in session.exec(excluded):
        if reason not in asked:
            asked[reason] = _answer(session, edition_id, count, subscriber_id)
    return [*asked.values(), *_uncertain(session)]


def _uncertain(session: Session) -> list[Answer]:
    statement = select(DeliveryRow).where(DeliveryRow.state == DeliveryState.UNCERTAIN)
    found = session.exec(statement.order_by(col(DeliveryRow.subscriber_id))).all()
    return [_answer(session, one.edition_id, len(found), one.subscriber_id) for one in found[:1]]


def _answer(session: Session, edition_id: int, readers: int, subscriber_id: int) -> Answer:
    edition = session.get_one(EditionRow, edition_id)
    subscriber = session.get_one(SubscriberRow, subscriber_id)
    answer = why(session, subscriber.address_key, edition)
    return Answer(readers, subscriber.address or "", answer)


def _issue(session: Session, edition: EditionRow, newsletter: NewsletterRow) -> Issue:
    statement = (
        select(sa.func.count())
        .select_from(VariantItemRow)
        .join(VariantRow, col(VariantRow.id) == col(VariantItemRow.variant_id))
        .where(VariantRow.edition_id == edition.id)
        .group_by(col(VariantItemRow.variant_id))
    )
    sizes = session.exec(statement).all()
    return Issue(
        number=edition.id or 0,
        name=name_of(edition, newsletter),
        sums=report(session, edition),
        fewest=min(sizes, default=0),
        most=max(sizes, default=0),
        took_s=_took(edition),
    )


def _took(edition: EditionRow) -> float:
    if edition.frozen_at is None or edition.finished_at is None:
        return 0.0
    return (edition.finished_at - edition.frozen_at).total_seconds()
