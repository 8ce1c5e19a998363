"""Deliveries in doubt as an editor sees them: listed, sent again, or settled from a log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.audience.models import SubscriberRow
from publisher.delivery.press import delivery_id
from publisher.delivery.resend import in_doubt, put_up
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow, EditionState
from publisher.editions.variants import lock_batches
from publisher.errors import NotFoundError, RefusedError

OPEN = (EditionState.SENDING, EditionState.PAUSED, EditionState.SENT)
BY_HAND = "by_hand"


class Settlement(StrEnum):
    """What a mail server's log says."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A delivery of which nobody knows whether it arrived.

    `again_at` is when the newsletter's policy has it sent again, `resent_at` when that was done
    before; the address is None where the reader was erased.
    """

    subscriber: str
    address: str | None
    message_id: str
    at: datetime | None
    words: str
    resent_at: datetime | None
    again_at: datetime | None


def list_doubts(
    session: Session, edition: EditionRow, *, secret: str, limit: int | None = None
) -> list[Doubt]:
    """The edition's deliveries in doubt, the earliest first; `secret` is the house's key.

    In the mail server's log they are found by their Message-ID.
    """
    statement = (
        select(DeliveryRow, SubscriberRow)
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
        .where(in_doubt(edition.id or 0))
        .order_by(col(DeliveryRow.at), col(DeliveryRow.subscriber_id))
        .limit(limit)
    )
    return [
        Doubt(
            subscriber=reader.uuid,
            address=reader.address,
            message_id=delivery_id(secret, edition, reader.uuid),
            at=delivery.at,
            words=delivery.reply or "",
            resent_at=delivery.resent_at,
            again_at=delivery.next_at,
        )
        for delivery, reader in session.exec(statement)
    ]


def resend(
    session: Session, edition: EditionRow, *, only: Sequence[str] = (), by: Actor, now: datetime
) -> int:
    """Send what is in doubt once more, now; `only` are subscribers' uuids, none means all.

    How many that are. A sent edition is being sent again until they are through. Raises
    RefusedError where there is none or it must not be, NotFoundError for a reader not in doubt.
    """
    # It must not end meanwhile: nobody claims the batches of an edition that is sent.
    lock_batches(session, edition.id or 0)
    session.refresh(edition, with_for_update=True)
    _refuse_closed(edition)
    chosen = _chosen(session, edition, only)
    moved = put_up(session, edition.id or 0, chosen, now)
    if not moved:
        raise RefusedError(
            "Stories of these mails were taken back since, so they cannot be sent again as they "
            "were. Look into the mail server's log and settle them: publisher editions settle"
        )
    if edition.state == EditionState.SENT:
        edition.state, edition.finished_at = EditionState.SENDING, None
        session.add(edition)
        session.flush()
    record(session, by, "edition.resend", "edition", edition.uuid, at=now, deliveries=moved)
    return moved


def settle(
    session: Session,
    edition: EditionRow,
    outcome: Settlement,
    *,
    only: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> int:
    """Write down what the mail server's log says of deliveries in doubt; how many that are.

    Refused gives their readers the stories back. Raises RefusedError where there is none,
    NotFoundError for a reader not in doubt.
    """
    chosen = _chosen(session, edition, only)
    statement = (
        sa.update(DeliveryRow)
        .where(chosen)
        .values(
            state=DeliveryState(outcome),
            reason=BY_HAND,
            reply=f"Settled by {by}, who looked into the mail server's log."[:200],
            next_at=None,
            at=now,
        )
    )
    settled: int = session.connection().execute(statement).rowcount
    detail = {"outcome": outcome.value, "deliveries": settled}
    record(session, by, "edition.settle", "edition", edition.uuid, at=now, **detail)
    return settled


def _chosen(session: Session, edition: EditionRow, only: Sequence[str]) -> sa.ColumnElement[bool]:
    """The deliveries in doubt that an editor means."""
    statement = (
        sa.select(col(SubscriberRow.uuid), col(SubscriberRow.id))
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == col(SubscriberRow.id))
        .where(in_doubt(edition.id or 0))
    )
    found = {row.uuid: row.id for row in session.execute(statement)}
    if not found:
        raise RefusedError(f"No delivery of edition {edition.id} is in doubt.")
    for uuid in only:
        if uuid not in found:
            raise NotFoundError("delivery in doubt for the subscriber", uuid)
    if not only:
        return in_doubt(edition.id or 0)
    ids = [found[uuid] for uuid in only]
    return sa.and_(in_doubt(edition.id or 0), col(DeliveryRow.subscriber_id).in_(ids))


def _refuse_closed(edition: EditionRow) -> None:
    if edition.state not in OPEN:
        raise RefusedError(
            f"Edition {edition.id} is {edition.state.value}; what is in doubt can be sent again "
            "only while it is sending, paused or sent."
        )
