"""The next window of a batch: who is still to be mailed, asked anew every fifty a connection.

Pause, stop, kill, unsubscribing, suppression and erasure all act here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import (
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
    SubscriptionState,
    SuppressionRow,
)
from publisher.delivery.claim import Claim, close, put_back, put_in_flight, renew
from publisher.delivery.gone import suppress_gone
from publisher.delivery.outcome import MAX_AGE, finish
from publisher.delivery.quiet import rest
from publisher.delivery.reader import Reader
from publisher.delivery.turns import Group, Turn, take_turns
from publisher.editions.give_up import given_up
from publisher.editions.hints import wake_next
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow, EditionState
from publisher.editions.refit import refit_batch

__all__ = ["NOTHING", "WINDOW", "Reader", "Window", "next_window", "withdraw_ineligible"]

WINDOW = 50


@dataclass(frozen=True, slots=True)
class Window:
    """The next readers of one variant; no readers means that this worker is done here.

    They may be mailed once `wait_s` seconds have passed; those in `groups`, too, are readers.
    """

    variant_id: int
    readers: Sequence[Reader]
    groups: Sequence[Group] = ()
    wait_s: float = 0.0

    @property
    def others(self) -> Sequence[Reader]:
        """The readers who are in no group."""
        if not self.groups:
            return self.readers
        grouped = {reader.subscriber_id for group in self.groups for reader in group.readers}
        return [reader for reader in self.readers if reader.subscriber_id not in grouped]


NOTHING = Window(0, ())


def next_window(session: Session, claim: Claim, now: datetime, *, lines: int = 1) -> Window:
    """Fence, look whether the edition still goes, and take the next readers of the batch.

    They are fifty for each of the `lines` that will carry them.
    """
    if not renew(session, claim, now):
        return NOTHING
    edition = session.get_one(EditionRow, claim.edition_id, populate_existing=True)
    if edition.state != EditionState.SENDING:
        return _leave(session, claim, edition, now)
    if rest(session, claim, edition, now):
        return NOTHING
    variant_id = refit_batch(session, claim.edition_id, claim.no, now)
    withdraw_ineligible(session, claim, edition, now)
    turn = _turn(session, claim, edition, now, lines) if variant_id is not None else None
    if variant_id is None or turn is None:
        close(session, claim)
        wake_next(session, claim.edition_id, claim.no)
        finish(session, claim.edition_id, now)
        suppress_gone(session, claim.edition_id, now)
        return NOTHING
    if turn.not_before is not None:
        put_back(session, claim, not_before=turn.not_before)
        return NOTHING
    put_in_flight(session, claim, turn.readers[-1].subscriber_id)
    return Window(variant_id, turn.readers, turn.groups, turn.wait_s)


def withdraw_ineligible(session: Session, claim: Claim, edition: EditionRow, now: datetime) -> None:
    """Withdraw those of the batch who left since they were enlisted, each with the reason."""
    table = DeliveryRow.__table__  # type: ignore[attr-defined]
    subscriber = sa.select(SubscriberRow).where(col(SubscriberRow.id) == table.c.subscriber_id)
    erased = subscriber.where(col(SubscriberRow.state) == SubscriberState.ERASED).exists()
    suppressed = subscriber.where(
        col(SubscriberRow.address_key) == col(SuppressionRow.address_key)
    ).exists()
    subscribed = sa.exists().where(
        col(SubscriptionRow.subscriber_id) == table.c.subscriber_id,
        col(SubscriptionRow.newsletter_id) == edition.newsletter_id,
        col(SubscriptionRow.state) == SubscriptionState.ACTIVE,
    )
    reason = sa.case((erased, "erased"), (suppressed, "suppressed"), else_="unsubscribed")
    session.execute(
        sa.update(table)
        .where(_queued(claim), sa.or_(erased, suppressed, ~subscribed))
        .values(given_up(reason, now))
    )


def _leave(session: Session, claim: Claim, edition: EditionRow, now: datetime) -> Window:
    """Paused: the batch waits. Stopped: what is left of it is withdrawn."""
    if edition.state == EditionState.STOPPED:
        session.execute(
            sa.update(DeliveryRow).where(_queued(claim)).values(given_up("stopped", now))
        )
        close(session, claim)
    else:
        put_back(session, claim)
    return NOTHING


def _turn(
    session: Session, claim: Claim, edition: EditionRow, now: datetime, lines: int
) -> Turn | None:
    """The first readers of what is left whose turn it is; None where nobody is left."""
    last = (edition.frozen_at or now) + MAX_AGE
    while readers := _readers(session, claim, edition, WINDOW * lines):
        turn = take_turns(session, claim, readers, now=now, last=last)
        if turn.readers or turn.not_before:
            return turn
    return None


def _readers(session: Session, claim: Claim, edition: EditionRow, limit: int) -> list[Reader]:
    statement = (
        sa.select(
            col(DeliveryRow.subscriber_id),
            col(SubscriberRow.uuid),
            col(SubscriptionRow.uuid),
            col(SubscriberRow.address),
            col(SubscriberRow.name),
            col(DeliveryRow.attempts),
            col(DeliveryRow.reason),
        )
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
        .join(
            SubscriptionRow,
            sa.and_(
                col(SubscriptionRow.subscriber_id) == col(DeliveryRow.subscriber_id),
                col(SubscriptionRow.newsletter_id) == edition.newsletter_id,
            ),
        )
        .where(_queued(claim))
        .order_by(col(DeliveryRow.subscriber_id))
        .limit(limit)
    )
    return [Reader(*row) for row in session.execute(statement)]


def _queued(claim: Claim) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(DeliveryRow.edition_id) == claim.edition_id,
        col(DeliveryRow.batch_no) == claim.no,
        col(DeliveryRow.state) == DeliveryState.QUEUED,
    )
