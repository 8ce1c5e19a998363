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
from sqlmodel.sql.sqltypes import UTCDateTime

from publisher.audience.models import (
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
    SubscriptionState,
    SuppressionRow,
)
from publisher.editions.masks import Choice, Step
from publisher.editions.models import (
    DeliveryRow,
    DeliveryState,
    EditionRow,
    EnlistLockRow,
    ExclusionReason,
    ExclusionRow,
)

_tables = sa.MetaData()


def _temporary(name: str, *columns: sa.Column[object]) -> sa.Table:
    return sa.Table(f"enlist_{name}", _tables, *columns, prefixes=["TEMPORARY"])


READER = _temporary(
    "reader",
    sa.Column("subscriber_id", sa.Integer, primary_key=True),
    sa.Column("sections", sa.String),
    sa.Column("subscribed_at", UTCDateTime),
    sa.Column("reason", sa.String),
)
STEP = _temporary(
    "step",
    sa.Column("sections", sa.String),
    sa.Column("since", UTCDateTime),
    sa.Column("until", UTCDateTime),
    sa.Column("mask", sa.BigInteger),
    sa.Column("whole", sa.BigInteger),
)
HAD = _temporary(
    "had",
    sa.Column("variant_id", sa.Integer),
    sa.Column("sections", sa.String),
    sa.Column("mask", sa.BigInteger),
)
SHARE = _temporary(
    "share",
    sa.Column("subscriber_id", sa.Integer, primary_key=True),
    sa.Column("sections", sa.String),
    sa.Column("whole", sa.BigInteger),
    sa.Column("mask", sa.BigInteger),
)
MAP = _temporary(
    "map",
    sa.Column("sections", sa.String),
    sa.Column("mask", sa.BigInteger),
    sa.Column("variant_id", sa.Integer),
    sa.Column("first_batch", sa.Integer),
)

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
    _empty_tables(session)
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


def write_steps(session: Session, choice: Choice, steps: Sequence[Step]) -> None:
    """What the readers of this choice may get, by when they subscribed."""
    rows = [
        {
            "sections": choice.sections,
            "since": step.since,
            "until": step.until,
            "mask": step.mask,
            "whole": choice.full,
        }
        for step in steps
    ]
    session.execute(STEP.insert(), rows)


def write_had(session: Session, choice: Choice, masks: Mapping[int, int]) -> None:
    """What the readers of this choice have had, by the variant they had it in."""
    rows = [
        {"variant_id": variant_id, "sections": choice.sections, "mask": mask}
        for variant_id, mask in masks.items()
    ]
    if rows:
        session.execute(HAD.insert(), rows)


def share_out(session: Session) -> None:
    """Fill `share`: the mask of each reader, less what the ledger says they have had."""
    had = (
        sa.select(col(DeliveryRow.subscriber_id), sa.func.bit_or(HAD.c.mask).label("mask"))
        .select_from(READER)
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == READER.c.subscriber_id)
        .join(
            HAD,
            sa.and_(
                HAD.c.variant_id == col(DeliveryRow.variant_id), HAD.c.sections == READER.c.sections
            ),
        )
        .where(col(DeliveryRow.state).in_(HOLDING_STATES), READER.c.reason.is_(None))
        .group_by(col(DeliveryRow.subscriber_id))
        .subquery()
    )
    left = STEP.c.mask.bitwise_and(sa.func.coalesce(had.c.mask, 0).bitwise_not())
    query = (
        sa.select(READER.c.subscriber_id, READER.c.sections, STEP.c.whole, left)
        .join(
            STEP,
            sa.and_(
                STEP.c.sections == READER.c.sections,
                READER.c.subscribed_at >= STEP.c.since,
                READER.c.subscribed_at < STEP.c.until,
            ),
        )
        .outerjoin(had, had.c.subscriber_id == READER.c.subscriber_id)
        .where(READER.c.reason.is_(None))
    )
    session.execute(SHARE.insert().from_select(list(SHARE.columns.keys()), query))


def distinct_shares(session: Session) -> list[tuple[str, int, int]]:
    """(sections, mask, number of readers) for every mask that holds a story, in stable order."""
    query = (
        sa.select(SHARE.c.sections, SHARE.c.mask, sa.func.count())
        .where(SHARE.c.mask != 0)
        .group_by(SHARE.c.sections, SHARE.c.mask)
        .order_by(SHARE.c.sections, SHARE.c.mask.desc())
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def write_map(session: Session, rows: Sequence[tuple[str, int, int, int]]) -> None:
    """(sections, mask) → (variant, number of the variant's first batch)."""
    if rows:
        names = ("sections", "mask", "variant_id", "first_batch")
        session.execute(MAP.insert(), [dict(zip(names, row, strict=True)) for row in rows])


def write_deliveries(
    session: Session, edition: EditionRow, day_id: int | None, batch_size: int
) -> None:
    """One delivery a reader with something to get, numbered into batches of its variant."""
    number = sa.func.row_number().over(
        partition_by=MAP.c.variant_id, order_by=SHARE.c.subscriber_id
    )
    batch_no = MAP.c.first_batch + (number - 1) // batch_size
    query = sa.select(
        sa.literal(edition.id),
        SHARE.c.subscriber_id,
        MAP.c.variant_id,
        batch_no,
        sa.literal(day_id, sa.Integer),
        sa.literal(DeliveryState.QUEUED.value),
        sa.literal(0),
    ).join(MAP, sa.and_(MAP.c.sections == SHARE.c.sections, MAP.c.mask == SHARE.c.mask))
    columns = [
        "edition_id", "subscriber_id", "variant_id", "batch_no", "day_id", "state", "attempts",
    ]  # fmt: skip
    session.execute(sa.insert(DeliveryRow).from_select(columns, query, include_defaults=False))


def write_exclusions(session: Session, edition: EditionRow) -> None:
    """One exclusion for every matched reader without a delivery."""
    nothing = sa.case(
        (SHARE.c.whole != 0, ExclusionReason.HAD_ALL.value),
        else_=ExclusionReason.NOTHING_NEW.value,
    )
    query = (
        sa.select(
            sa.literal(edition.id),
            READER.c.subscriber_id,
            sa.func.coalesce(READER.c.reason, nothing),
        )
        .outerjoin(SHARE, SHARE.c.subscriber_id == READER.c.subscriber_id)
        .where(sa.or_(READER.c.reason.is_not(None), SHARE.c.mask == 0))
    )
    columns = ["edition_id", "subscriber_id", "reason"]
    session.execute(sa.insert(ExclusionRow).from_select(columns, query, include_defaults=False))


def drop_tables(session: Session) -> None:
    """Give the temporary tables back; their connection may live on for long."""
    _tables.drop_all(session.connection(), checkfirst=True)


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


def _empty_tables(session: Session) -> None:
    drop_tables(session)
    _tables.create_all(session.connection(), checkfirst=False)
