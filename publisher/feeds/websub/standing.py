"""How hubs and subscribers do, for people: what was last taken, what waits, and why."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.feeds.websub.models import (
    HubPingRow,
    HubSubscriptionRow,
    PingState,
    PushState,
)
from publisher.settings import Settings


@dataclass(frozen=True, slots=True)
class HubStanding:
    """One hub. Of another one, `waiting` and `given_up` count documents; a feed has three.

    Of our own they count subscriptions, as `subscriptions` does, which is None for another hub.
    `told_at` is when a ping, or a document, was last taken. `problem` is why the latest that
    failed did, in words; None where nothing is wrong.
    """

    hub: str
    told_at: datetime | None
    waiting: int
    given_up: int
    next_at: datetime | None
    problem: str | None
    subscriptions: int | None = None

    @property
    def is_well(self) -> bool:
        """Whether nothing failed that was not made good since."""
        return self.problem is None


def hub_standings(session: Session, site: Settings, slug: str | None = None) -> list[HubStanding]:
    """Each hub that feeds name, in their order: for one feed, or for all of them."""
    if site.own_hub is not None:
        return [_own(session, site.own_hub, slug)]
    return [_other(session, hub, slug) for hub in site.other_hubs]


def _other(session: Session, hub: str, slug: str | None) -> HubStanding:
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


def _own(session: Session, hub: str, slug: str | None) -> HubStanding:
    which = [] if slug is None else [col(HubSubscriptionRow.slug) == slug]
    waits = col(HubSubscriptionRow.state) == PushState.WAITING
    gone = col(HubSubscriptionRow.state) == PushState.GIVEN_UP
    sums = sa.select(
        sa.func.max(HubSubscriptionRow.brought_at),
        sa.func.count().filter(waits),
        sa.func.count().filter(gone),
        sa.func.min(HubSubscriptionRow.next_at).filter(waits),
        sa.func.count(),
    ).where(*which)
    told_at, waiting, given_up, next_at, total = session.execute(sums).one()
    latest = (
        sa.select(col(HubSubscriptionRow.problem))
        .where(*which, col(HubSubscriptionRow.problem).is_not(None))
        .order_by(waits.desc(), col(HubSubscriptionRow.wanted_at).desc())
        .limit(1)
    )
    problem = session.execute(latest).scalar()
    return HubStanding(hub, told_at, waiting, given_up, next_at, problem, total)
