"""A few readers to look at an edition as: one for each of the most frequent choices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import SubscriptionRow, SubscriptionState
from publisher.editions.models import EditionRow


@dataclass(frozen=True, slots=True)
class Sample:
    """One reader who stands for `readers` with the same choice; no `sections` means all."""

    subscription_uuid: str
    sections: tuple[str, ...]
    readers: int


def sample_readers(session: Session, edition: EditionRow, *, limit: int = 5) -> Sequence[Sample]:
    """Readers of the edition with different choices of sections, the most frequent choice first."""
    readers = sa.func.count()
    groups: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            sa.func.min(col(SubscriptionRow.id)).label("id"),
            col(SubscriptionRow.sections).label("sections"),
            readers.label("readers"),
        )
        .where(
            col(SubscriptionRow.newsletter_id) == edition.newsletter_id,
            col(SubscriptionRow.state) == SubscriptionState.ACTIVE,
        )
        .group_by(col(SubscriptionRow.sections))
        .order_by(readers.desc(), col(SubscriptionRow.sections))
        .limit(limit)
    )
    if edition.cadence:
        groups = groups.where(col(SubscriptionRow.cadence) == edition.cadence)
    group = groups.subquery()
    statement = (
        sa.select(col(SubscriptionRow.uuid), group.c.sections, group.c.readers)
        .join(group, group.c.id == col(SubscriptionRow.id))
        .order_by(group.c.readers.desc(), group.c.sections)
    )
    return [
        Sample(uuid, tuple(sections.split(",")) if sections else (), count)
        for uuid, sections, count in session.execute(statement)
    ]
