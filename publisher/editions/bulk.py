"""The set-based statements of enlisting: a handful of them, whatever the number of readers.

They work on temporary tables that live as long as the transaction. A reader's way through them:
`reader` (who is matched, and what stands against them) → `share` (their mask of stories) →
`map` (the variant of that mask) → a delivery or an exclusion.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from publisher.audience.models import (
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
    SubscriptionState,
    SuppressionRow,
)
from publisher.editions.masks import Choice, Step, mask_of
from publisher.editions.models import (
    DeliveryRow,
    DeliveryState,
    EditionRow,
    EnlistLockRow,
    ExclusionReason,
    ExclusionRow,
)
from publisher.editions.scratch import READER, Scratch, empty

HOLDING_STATES = (
    DeliveryState.QUEUED,
    DeliveryState.DEFERRED,
    DeliveryState.ACCEPTED,
    DeliveryState.UNCERTAIN,
)


def hold_enlist_lock(session: Session, now: datetime) -> None:
    """Wait for the one lock; its own statement, so that what follows sees what others wrote."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(EnlistLockRow).values(id=1, held_at=now)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"held_at": now}))


def count_matched(session: Session, edition: EditionRow) -> int:
    """How many readers the edition is for, counted by a statement of its own."""
    statement = sa.select(sa.func.count()).select_from(SubscriptionRow).where(_matches(edition))
    return int(session.execute(statement).scalar_one())


def match_readers(session: Session, edition: EditionRow, day_id: int | None, now: datetime) -> None:
    """Fill `reader` with every matched reader, and the reason against each who gets nothing."""
    empty(session, READER)
    query = (
        sa.select(
            col(SubscriptionRow.subscriber_id),
            col(SubscriptionRow.sections),
            col(SubscriptionRow.subscribed_at),
            _reason(day_id, now),
        )
        .join(SubscriberRow, col(SubscriberRow.id) == col(SubscriptionRow.subscriber_id))
        .outerjoin(
            SuppressionRow,
            col(SuppressionRow.address_key) == col(SubscriberRow.address_key),
        )
        .where(_matches(edition))
    )
    session.execute(READER.insert().from_select(list(READER.columns.keys()), query))


def chosen_sections(session: Session) -> list[str]:
    """Every distinct choice of sections among the readers who may get something."""
    query = sa.select(READER.c.sections).where(READER.c.reason.is_(None)).distinct()
    return sorted(session.execute(query).scalars())


def write_steps(session: Session, scratch: Scratch, choice: Choice, steps: Sequence[Step]) -> None:
    """What the readers of this choice may get, by when they subscribed."""
    rows = [
        {
            "sections": choice.sections,
            "since": step.since,
            "until": step.until,
            "whole": bool(choice.positions),
            **scratch.values(step.mask),
        }
        for step in steps
    ]
    session.execute(scratch.step.insert(), rows)


def write_had(session: Session, scratch: Scratch, choice: Choice, masks: Mapping[int, int]) -> None:
    """What the readers of this choice have had, by the variant they had it in."""
    rows = [
        {"variant_id": variant_id, "sections": choice.sections, **scratch.values(mask)}
        for variant_id, mask in masks.items()
    ]
    if rows:
        session.execute(scratch.had.insert(), rows)


def share_out(session: Session, scratch: Scratch) -> None:
    """Fill `share`: the mask of each reader, less what the ledger says they have had."""
    step, had = scratch.step, _had_by_reader(scratch)
    left = [
        step.c[word].bitwise_and(sa.func.coalesce(had.c[word], 0).bitwise_not())
        for word in scratch.words
    ]
    query = (
        sa.select(READER.c.subscriber_id, READER.c.sections, step.c.whole, *left)
        .join(
            step,
            sa.and_(
                step.c.sections == READER.c.sections,
                READER.c.subscribed_at >= step.c.since,
                READER.c.subscribed_at < step.c.until,
            ),
        )
        .outerjoin(had, had.c.subscriber_id == READER.c.subscriber_id)
        .where(READER.c.reason.is_(None))
    )
    session.execute(scratch.share.insert().from_select(list(scratch.share.c.keys()), query))


def distinct_shares(session: Session, scratch: Scratch) -> list[tuple[str, int, int]]:
    """(sections, mask, number of readers) for every mask that holds a story, in stable order."""
    share = scratch.share
    key = [share.c.sections, *(share.c[word] for word in scratch.words)]
    query = (
        sa.select(*key, sa.func.count())
        .where(scratch.holds_a_story())
        .group_by(*key)
        .order_by(*key)
    )
    return [(row[0], mask_of(row[1:-1]), row[-1]) for row in session.execute(query)]


def write_map(
    session: Session, scratch: Scratch, rows: Sequence[tuple[str, int, int, int]]
) -> None:
    """(sections, mask) → (variant, number of the variant's first batch)."""
    values = [
        {
            "sections": sections,
            "variant_id": variant_id,
            "first_batch": first_batch,
            **scratch.values(mask),
        }
        for sections, mask, variant_id, first_batch in rows
    ]
    if values:
        session.execute(scratch.map.insert(), values)


def write_deliveries(
    session: Session, scratch: Scratch, edition: EditionRow, day_id: int | None, batch_size: int
) -> None:
    """One delivery a reader with something to get, numbered into batches of its variant."""
    share, map_ = scratch.share, scratch.map
    number = sa.func.row_number().over(
        partition_by=map_.c.variant_id, order_by=share.c.subscriber_id
    )
    query = sa.select(
        sa.literal(edition.id),
        share.c.subscriber_id,
        map_.c.variant_id,
        map_.c.first_batch + (number - 1) // batch_size,
        sa.literal(day_id, sa.Integer),
        sa.literal(DeliveryState.QUEUED.value),
        sa.literal(0),
    ).join(map_, scratch.same_mask())
    columns = [
        "edition_id", "subscriber_id", "variant_id", "batch_no", "day_id", "state", "attempts",
    ]  # fmt: skip
    session.execute(sa.insert(DeliveryRow).from_select(columns, query, include_defaults=False))


def write_exclusions(session: Session, scratch: Scratch, edition: EditionRow) -> None:
    """One exclusion for every matched reader without a delivery."""
    share = scratch.share
    nothing = sa.case(
        (share.c.whole, ExclusionReason.HAD_ALL.value),
        else_=ExclusionReason.NOTHING_NEW.value,
    )
    query = (
        sa.select(
            sa.literal(edition.id),
            READER.c.subscriber_id,
            sa.func.coalesce(READER.c.reason, nothing),
        )
        .outerjoin(share, share.c.subscriber_id == READER.c.subscriber_id)
        .where(sa.or_(READER.c.reason.is_not(None), ~scratch.holds_a_story()))
    )
    columns = ["edition_id", "subscriber_id", "reason"]
    session.execute(sa.insert(ExclusionRow).from_select(columns, query, include_defaults=False))


def _had_by_reader(scratch: Scratch) -> sa.Subquery:
    had = scratch.had
    words = [sa.func.bit_or(had.c[word]).label(word) for word in scratch.words]
    return (
        sa.select(col(DeliveryRow.subscriber_id), *words)
        .select_from(READER)
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == READER.c.subscriber_id)
        .join(
            had,
            sa.and_(
                had.c.variant_id == col(DeliveryRow.variant_id),
                had.c.sections == READER.c.sections,
            ),
        )
        .where(col(DeliveryRow.state).in_(HOLDING_STATES), READER.c.reason.is_(None))
        .group_by(col(DeliveryRow.subscriber_id))
        .subquery()
    )


def _matches(edition: EditionRow) -> sa.ColumnElement[bool]:
    conditions = [
        col(SubscriptionRow.newsletter_id) == edition.newsletter_id,
        col(SubscriptionRow.state) != SubscriptionState.ENDED,
    ]
    if edition.cadence is not None:
        conditions.append(col(SubscriptionRow.cadence) == edition.cadence)
    return sa.and_(*conditions)


def _reason(day_id: int | None, now: datetime) -> sa.ColumnElement[str | None]:
    """The first thing that stands against a reader; NULL where nothing does."""
    unconfirmed = sa.or_(
        col(SubscriptionRow.state) == SubscriptionState.PENDING,
        col(SubscriberRow.state) == SubscriberState.UNCONFIRMED,
    )
    served = sa.exists().where(
        col(DeliveryRow.day_id) == day_id,
        col(DeliveryRow.subscriber_id) == col(SubscriptionRow.subscriber_id),
    )
    cases = [
        (col(SubscriberRow.state) == SubscriberState.ERASED, ExclusionReason.ERASED.value),
        (col(SuppressionRow.address_key).is_not(None), ExclusionReason.SUPPRESSED.value),
        (unconfirmed, ExclusionReason.UNCONFIRMED.value),
        (col(SubscriptionRow.paused_until) > now, ExclusionReason.PAUSED.value),
    ]
    if day_id is not None:
        cases.append((served, ExclusionReason.HAD_ALL.value))
    return sa.case(*cases, else_=sa.null())
