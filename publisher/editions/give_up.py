"""Deliveries that are not sent after all: withdrawn, unless they may have arrived already."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from publisher.editions.models import DeliveryRow, DeliveryState

# It was sent once, nobody knows whether it arrived, and it waited to be sent again.
IN_DOUBT = col(DeliveryRow.resent_at).is_not(None)


def given_up(
    reason: str | sa.ColumnElement[Any], now: datetime | sa.ColumnElement[datetime]
) -> dict[str, Any]:
    """What to write into deliveries that wait and will not be sent.

    One that was in doubt before is in doubt again: called withdrawn, it would give its stories
    back, and its reader might get them twice.
    """
    state = DeliveryRow.__table__.c.state.type  # type: ignore[attr-defined]
    uncertain = sa.literal(DeliveryState.UNCERTAIN, state)
    withdrawn = sa.literal(DeliveryState.WITHDRAWN, state)
    return {
        "state": sa.case((IN_DOUBT, uncertain), else_=withdrawn),
        "reason": sa.case((IN_DOUBT, sa.null()), else_=reason),
        "next_at": None,
        "at": now,
    }
