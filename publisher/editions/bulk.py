"""The set-based statements of enlisting: a handful of them, whatever the number of readers.

They work on temporary tables that live as long as the transaction. A reader's way through them:
`reader` (who is matched, and what stands against them) → `share` (their mask of stories) →
`map` (the variant of that mask) → a delivery or an exclusion.
"""

from collections.abc import Sequence
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
from publisher.editions.masks import mask_of
from publisher.editions.models import (
    DeliveryRow,
    DeliveryState,
    EditionRow,
    EnlistLockRow,
    ExclusionReason,
    ExclusionRow,
)
from publisher.editions.scratch import Scratch, fill_from

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


def match_readers(
    session: Session, scratch: Scratch, edition: EditionRow, day_id: int | None, now: datetime
) -> None:
    """Fill `reader` with every matched reader, and the reason against each who gets nothing."""
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
    fill_from(session, scratch.reader, query)


def chosen_sections(session: Session, scratch: Scratch) -> list[str]:
    """Every distinct choice of sections among the readers who may get something."""
    reader = scratch.reader
    query = sa.select(reader.c.sections).where(reader.c.reason.is_(None)).distinct()
    return sorted(session.execute(query).scalars())


def share_out(session: Session, scratch: Scratch, earlier: Sequence[int]) -> None:
    """Fill `share`: the mask of each reader, less what they have had in the `earlier` editions."""
    reader, choice, step = scratch.reader, scratch.choice, scratch.step
    left = {word: choice.c[word].bitwise_and(step.c[word]) for word in scratch.words}
    query = (
        sa.select(reader.c.subscriber_id, scratch.has_bits(choice))
        .join(choice, choice.c.sections == reader.c.sections)
        .join(
            step,
            sa.and_(reader.c.subscribed_at >= step.c.since, reader.c.subscribed_at < step.c.until),
        )
        .where(reader.c.reason.is_(None))
    )
    if earlier:
        had = _had_by_reader(scratch, earlier)
        query = query.outerjoin(had, had.c.subscriber_id == reader.c.subscriber_id)
        for word, mask in left.items():
            left[word] = mask.bitwise_and(sa.func.coalesce(had.c[word], 0).bitwise_not())
    fill_from(session, scratch.share, query.add_columns(*left.values()))


def distinct_shares(session: Session, scratch: Scratch) -> list[tuple[int, int]]:
    """(mask, number of readers) for every mask that holds a story, in stable order."""
    share = scratch.share
    key = [share.c[word] for word in scratch.words]
    query = (
        sa.select(*key, sa.func.count())
        .where(scratch.has_bits(share))
        .group_by(*key)
        .order_by(*key)
    )
    return [(mask_of(row[:-1]), row[-1]) for row in session.execute(query)]


def write_deliveries(
    session: Session, scratch: Scratch, edition: EditionRow, day_id: int | None, batch_size: int
) -> None:
    """One delivery a reader with something to get, numbered into batches of its variant.

    In the order of the readers, not of the batches: most indexes then grow at their end.
    """
    share, map_ = scratch.share, scratch.map
    number = sa.func.row_number().over(
        partition_by=map_.c.variant_id, order_by=share.c.subscriber_id
    )
    numbered = (
        sa.select(
            share.c.subscriber_id, map_.c.variant_id, map_.c.first_batch, number.label("number")
        )
        .join(map_, scratch.same_mask())
        .subquery()
    )
    query = sa.select(
        sa.literal(edition.id),
        numbered.c.subscriber_id,
        numbered.c.variant_id,
        numbered.c.first_batch + (numbered.c.number - 1) // batch_size,
        sa.literal(day_id, sa.Integer),
        sa.literal(DeliveryState.QUEUED.value),
        sa.literal(0),
    ).order_by(numbered.c.subscriber_id)
    columns = [
        "edition_id", "subscriber_id", "variant_id", "batch_no", "day_id", "state", "attempts",
    ]  # fmt: skip
    session.execute(sa.insert(DeliveryRow).from_select(columns, query, include_defaults=False))


def write_exclusions(session: Session, scratch: Scratch, edition: EditionRow) -> None:
    """One exclusion for every matched reader without a delivery."""
    reader, share = scratch.reader, scratch.share
    nothing = sa.case(
        (share.c.whole, ExclusionReason.HAD_ALL.value),
        else_=ExclusionReason.NOTHING_NEW.value,
    )
    query = (
        sa.select(
            sa.literal(edition.id),
            reader.c.subscriber_id,
            sa.func.coalesce(reader.c.reason, nothing),
        )
        .outerjoin(share, share.c.subscriber_id == reader.c.subscriber_id)
        .where(sa.or_(reader.c.reason.is_not(None), ~scratch.has_bits(share)))
    )
    columns = ["edition_id", "subscriber_id", "reason"]
    session.execute(sa.insert(ExclusionRow).from_select(columns, query, include_defaults=False))


def _had_by_reader(scratch: Scratch, earlier: Sequence[int]) -> sa.Subquery:
    """What each reader has had: the ledger is deliveries joined with what is in their variants.

    The editions are named so that its cost goes by them, and not by all that was ever sent.
    """
    had = scratch.had
    words = [sa.func.bit_or(had.c[word]).label(word) for word in scratch.words]
    return (
        sa.select(col(DeliveryRow.subscriber_id), *words)
        .select_from(scratch.reader)
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == scratch.reader.c.subscriber_id)
        .join(had, had.c.variant_id == col(DeliveryRow.variant_id))
        .where(
            col(DeliveryRow.edition_id).in_(earlier),
            col(DeliveryRow.state).in_(HOLDING_STATES),
            scratch.reader.c.reason.is_(None),
        )
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
