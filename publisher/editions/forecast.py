"""What one reader would get now, or got when the edition froze: by the rules that send."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow, SubscriptionRow
from publisher.editions.bulk import HOLDING_STATES
from publisher.editions.contents import Pick, picks_of_variant
from publisher.editions.masks import full_mask, had_mask, positions_of, section_mask, steps
from publisher.editions.models import DeliveryRow, EditionItemRow, EditionRow, VariantItemRow
from publisher.editions.select import Candidate, candidates, chosen, in_order
from publisher.editions.slots import FREEZE_LEAD


def picks_for(
    session: Session, edition: EditionRow, subscription: SubscriptionRow | None, now: datetime
) -> list[Pick]:
    """The stories of the edition for this reader, or for one who has had nothing and wants all.

    A reader who was enlisted gets what their variant holds; otherwise it is worked out by the same
    functions that enlist.
    """
    if edition.frozen_at is not None:
        return _frozen(session, edition, subscription)
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    stories = open_stories(session, edition, newsletter, now)
    mask = full_mask(stories)
    if subscription is not None:
        if edition.chosen is None:  # what an editor chose goes to every reader
            mask = section_mask(subscription.sections, stories) & _by_date(stories, subscription)
        mask &= ~had_mask(stories, _had(session, subscription.subscriber_id, stories))
    positions = positions_of(mask, stories, newsletter.max_stories)
    return [Pick(stories[at].article_id, stories[at].version_id) for at in positions]


def open_stories(
    session: Session, edition: EditionRow, newsletter: NewsletterRow, now: datetime
) -> list[Candidate]:
    """The stories the edition chooses from, in edition order."""
    if edition.chosen is not None:
        return chosen(session, edition.chosen, now)
    found = candidates(
        session,
        newsletter,
        cadence=edition.cadence or "weekly",
        cutoff=edition.cutoff_at or cutoff_of(edition, now),
        now=now,
    )
    return in_order(found, newsletter.sections)


def cutoff_of(edition: EditionRow, now: datetime) -> datetime:
    """Stories count that are eligible up to this moment, if the edition freezes as planned."""
    if edition.slot_id is not None and edition.due_at is not None:
        return edition.due_at - FREEZE_LEAD
    return now  # an editor's edition freezes when it starts


def _frozen(
    session: Session, edition: EditionRow, subscription: SubscriptionRow | None
) -> list[Pick]:
    if subscription is not None:
        delivery = session.get(DeliveryRow, (edition.id, subscription.subscriber_id))
        return [] if delivery is None else picks_of_variant(session, edition, delivery.variant_id)
    items = (
        select(EditionItemRow.article_id, EditionItemRow.version_id)
        .where(EditionItemRow.edition_id == edition.id)
        .order_by(col(EditionItemRow.position))
    )
    return [Pick(*row) for row in session.exec(items)]


def _by_date(stories: Sequence[Candidate], subscription: SubscriptionRow) -> int:
    since = subscription.subscribed_at
    return next(step.mask for step in steps(stories) if step.since <= since < step.until)


def _had(session: Session, subscriber_id: int, stories: Sequence[Candidate]) -> list[int]:
    statement = (
        sa.select(col(VariantItemRow.story_id))
        .join(DeliveryRow, col(DeliveryRow.variant_id) == col(VariantItemRow.variant_id))
        .where(
            col(DeliveryRow.subscriber_id) == subscriber_id,
            col(DeliveryRow.state).in_(HOLDING_STATES),
            col(VariantItemRow.story_id).in_([story.story_id for story in stories]),
        )
    )
    return list(session.execute(statement).scalars())
