"""How the hubs do, for people: when each last took a ping, what waits for it, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.feeds.websub.models import HubPingRow, PingState


@dataclass(frozen=True, slots=True)
class HubStanding:
    """One hub. `waiting` and `given_up` count documents; a feed has three.

    `problem` is why the last try that failed did, in words; None where nothing is wrong.
    """

    hub: str
    told_at: datetime | None
    waiting: int
    given_up: int
    next_at: datetime | None
    problem: str | None

    @property
    def is_well(self) -> bool:
        """Whether nothing failed that it does not know by now."""
        return self.problem is None


def hub_standings(
    session: Session, hubs: Sequence[str], slug: str | None = None
) -> list[HubStanding]:
    """Each of the hubs (`Settings.hubs`), in their order: for one feed, or for all of them."""
    return [_standing(session, hub, slug) for hub in hubs]


def _standing(session: Session, hub: str, slug: str | None) -> HubStanding:
    which = [col(HubPingRow.hub) == hub]
    if slug is not None:
        which.append(col(HubPingRow.slug) == slug)
    waits = col(HubPingRow.state) == PingState.WAITING
    gone = col(HubPingRow.state) == PingState.GIVEN_UP
    sums = sa.select(
        sa.func.max(HubPingRow.told_at),
        sa.func.count().filter(waits),
        sa.func.count().filter(gone),
        sa.func.min(HubPingRow.next_at).filter(waits),
    ).where(*which)
    told_at, waiting, given_up, next_at = session.execute(sums).one()
    latest = (
        sa.select(col(HubPingRow.problem))
        .where(*which, col(HubPingRow.problem).is_not(None))
        .order_by(waits.desc(), col(HubPingRow.wanted_at).desc())
        .limit(1)
    )
    problem = session.execute(latest).scalar()
    return HubStanding(hub, told_at, waiting, given_up, next_at, problem)
