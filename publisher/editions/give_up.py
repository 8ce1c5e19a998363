"""Deliveries that are not sent after all: withdrawn, unless they may have arrived already."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from publisher.editions.models import DeliveryRow, DeliveryState

# It was sent once, nobody knows whether it arrived, and it waited to be sent again.
IN_DOUBT = col(DeliveryRow.resent_at).is_not(None)
STATE = DeliveryRow.__table__.c.state.type  # type: ignore[attr-defined]


def given_up(
    reason: str | sa.ColumnElement[Any], now: datetime | sa.ColumnElement[datetime]
) -> dict[str, Any]:
    """What to write into deliveries that wait and will not be sent.

    One that was in doubt before is in doubt again: called withdrawn, it would give its stories
    back, and its reader might get them twice.
    """
    return {
        "state": unless_in_doubt(sa.literal(DeliveryState.WITHDRAWN, STATE)),
        "reason": sa.case((IN_DOUBT, sa.null()), else_=reason),
        "next_at": None,
        "at": now,
    }


def unless_in_doubt(state: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """This state; or uncertain, for a delivery that was in doubt before and learns nothing new."""
    return sa.case((IN_DOUBT, sa.literal(DeliveryState.UNCERTAIN, STATE)), else_=state)
