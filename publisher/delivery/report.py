"""What became of an edition, counted from the rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.editions.models import (
    DeliveryRow,
    DeliveryState,
    EditionRow,
    ExclusionReason,
    ExclusionRow,
)


@dataclass(frozen=True, slots=True)
class Report:
    """Sums of an edition. `matched` was counted by itself when the edition froze.

    Every matched reader has one row, a delivery or an exclusion, so the sums must meet.
    """

    matched: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    enlisted: int = 0
    queued: int = 0
    accepted: int = 0
    refused: int = 0
    deferred: int = 0
    uncertain: int = 0
    withdrawn: Mapping[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether everybody is accounted for (the two sums of every edition)."""
        settled = self.queued + self.accepted + self.refused + self.deferred + self.uncertain
        return self.matched == self.enlisted + sum(
            self.excluded.values()
        ) and self.enlisted == settled + sum(self.withdrawn.values())

    @property
    def left(self) -> int:
        """How many are still to come."""
        return self.queued + self.deferred

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API show it."""
        return asdict(self)


def report(session: Session, edition: EditionRow) -> Report:
    """Count the edition's deliveries and exclusions."""
    counted: dict[str, int] = {}
    withdrawn: dict[str, int] = {}
    for state, reason, count in session.execute(_deliveries(edition)):
        if state == DeliveryState.WITHDRAWN:
            withdrawn[reason or ""] = count
        else:
            counted[state.value] = counted.get(state.value, 0) + count
    excluded = {reason.value: count for reason, count in session.execute(_exclusions(edition))}
    return Report(
        matched=edition.matched or 0,
        excluded=dict(sorted(excluded.items())),
        enlisted=sum(counted.values()) + sum(withdrawn.values()),
        withdrawn=dict(sorted(withdrawn.items())),
        **counted,
    )


def _deliveries(edition: EditionRow) -> sa.Select[DeliveryState, str | None, int]:
    withdrawn = col(DeliveryRow.state) == DeliveryState.WITHDRAWN
    reason = sa.case((withdrawn, col(DeliveryRow.reason)), else_=sa.null())
    return (
        sa.select(col(DeliveryRow.state), reason.label("why"), sa.func.count())
        .where(col(DeliveryRow.edition_id) == edition.id)
        .group_by(col(DeliveryRow.state), sa.text("why"))
    )


def _exclusions(edition: EditionRow) -> sa.Select[ExclusionReason, int]:
    return (
        sa.select(col(ExclusionRow.reason), sa.func.count())
        .where(col(ExclusionRow.edition_id) == edition.id)
        .group_by(col(ExclusionRow.reason))
    )
