"""Notes what the hubs are to be told, and finds what no message brought to them.

A row says which state of a document its hub knows or waits for. It is compared with the file that
is up, not with what a builder says: one that died after its exchange is then no gap.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from publisher.feeds.models import FeedKind, FeedRow
from publisher.feeds.paths import MEDIA_TYPES
from publisher.feeds.websub.documents import changed_at_of
from publisher.feeds.websub.models import HubPingRow, PingState
from publisher.feeds.websub.subscriptions import bring_waiting, mark, tend
from publisher.queue import wake
from publisher.settings import Settings
from publisher.store.locks import lock_name

PING = "publisher.websub.ping"
_A_SWEEP = 200  # feeds that are announced to a new hub in one transaction


def announce(session: Session, site: Settings, slug: str, now: datetime) -> None:
    """Have hubs told of the feed's documents, and subscribers brought them, unless they know them.

    To be called in the transaction that puts them up.
    """
    documents = {
        fmt: changed_at for fmt in MEDIA_TYPES if (changed_at := changed_at_of(site, slug, fmt))
    }
    if site.own_hub is not None:
        for fmt, changed_at in documents.items():
            mark(session, slug, fmt, changed_at, now)
        bring_waiting(session, slug, now)
    for hub in site.other_hubs:
        lock_name(session, hub)  # whoever writes several of its rows at once holds it
        noted = [
            _note(session, (hub, slug, fmt), changed_at, now)
            for fmt, changed_at in documents.items()
        ]
        if any(noted):
            wake(session, PING, hub=hub)


def announce_overdue(session: Session, site: Settings, now: datetime) -> None:
    """Wake the pings that are due, let a new hub know of all feeds, forget hubs that are gone."""
    tend(session, site, now)
    session.execute(sa.delete(HubPingRow).where(col(HubPingRow.hub).not_in(site.other_hubs)))
    for hub in site.other_hubs:
        for slug in _unknown_to(session, hub):
            announce(session, site, slug, now)
        if session.exec(select(HubPingRow.slug).where(*is_due(hub, now)).limit(1)).first():
            wake(session, PING, hub=hub)


def is_due(hub: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of the rows that the hub is to be told now."""
    return (
        col(HubPingRow.hub) == hub,
        col(HubPingRow.state) == PingState.WAITING,
        col(HubPingRow.next_at) <= now,
    )


def _note(session: Session, key: tuple[str, str, str], changed_at: datetime, now: datetime) -> bool:
    """Have the hub told; False where it knows, or is about to hear, of this very state.

    A hub that fails keeps its pause, however much news there is meanwhile.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    is_failing = sa.and_(col(HubPingRow.state) == PingState.WAITING, col(HubPingRow.failures) > 0)
    statement = insert(HubPingRow).values(
        **dict(zip(("hub", "slug", "fmt"), key, strict=True)),
        changed_at=changed_at,
        wanted_at=now,
        state=PingState.WAITING,
        next_at=now,
        failures=0,
    )
    noted = statement.on_conflict_do_update(
        index_elements=["hub", "slug", "fmt"],
        set_={
            "changed_at": changed_at,
            "wanted_at": now,
            "state": PingState.WAITING,
            "next_at": sa.case((is_failing, col(HubPingRow.next_at)), else_=now),
            "failures": sa.case((is_failing, col(HubPingRow.failures)), else_=0),
        },
        where=col(HubPingRow.changed_at) != changed_at,
    ).returning(col(HubPingRow.slug))
    return session.execute(noted).scalar() is not None


def _unknown_to(session: Session, hub: str) -> Iterable[str]:
    """Feeds that are up and of which the hub was never told."""
    known = sa.exists().where(col(HubPingRow.hub) == hub, col(HubPingRow.slug) == FeedRow.slug)
    statement = (
        select(FeedRow.slug)
        .where(
            ~known,
            col(FeedRow.changed_at).is_not(None),
            col(FeedRow.kind).not_in([FeedKind.SITEMAP, FeedKind.OPML]),
        )
        .order_by(FeedRow.slug)
        .limit(_A_SWEEP)
    )
    return session.exec(statement).all()
