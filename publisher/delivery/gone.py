"""Addresses that are not there any more: suppressed once an edition's round is done.

Not at each refusal: only a whole round shows whether a receiver has lost its mind. Large ones have
said of good mailboxes that they do not exist, all at once; then nobody is suppressed there.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import CLOCK, record
from publisher.accounts.models import AuditRow
from publisher.audience.models import SubscriberRow, SuppressionRow
from publisher.audience.suppression import UNSUPPRESS, suppress_keys
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow

log = logging.getLogger(__name__)

FEW = 20
SURGE = 0.05
_SURGE = "edition.surge"


@dataclass(frozen=True, slots=True)
class Surge:
    """So many of a domain's readers were said not to exist, out of all in the edition."""

    domain: str
    gone: int
    readers: int


def suppress_gone(session: Session, edition_id: int, now: datetime) -> None:
    """Suppress the addresses that were refused at RCPT as unknown; call it once no batch is open.

    Where that is more than twenty and more than a twentieth of a domain's readers, nobody there
    is suppressed; a record and the log say so. May be called again and again: what somebody took
    back since stays taken back.
    """
    gone = _gone(session, edition_id)
    if not any(fresh for people in gone.values() for _, fresh in people):
        return
    edition = session.get_one(EditionRow, edition_id)
    surging = {surge.domain for surge in surges(session, edition)}
    for domain, people in gone.items():
        if domain in surging or _surges(session, edition, domain, len(people), now):
            continue
        keys = [key for key, fresh in people if fresh]
        suppress_keys(session, keys, "bounced", by=CLOCK, now=now)


def surges(session: Session, edition: EditionRow) -> Sequence[Surge]:
    """The domains of the edition where nobody was suppressed because it were too many."""
    statement = select(AuditRow.detail).where(
        AuditRow.ref == edition.uuid, AuditRow.action == _SURGE
    )
    return [Surge(**detail) for detail in session.exec(statement.order_by(col(AuditRow.id)))]


def _gone(session: Session, edition_id: int) -> dict[str, list[tuple[str, bool]]]:
    """By domain: the keys of the addresses, and whether each is still to be suppressed."""
    statement = (
        sa.select(
            col(SubscriberRow.address),
            col(SubscriberRow.address_key),
            sa.and_(col(SuppressionRow.address_key).is_(None), ~_taken_back()),
        )
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == col(SubscriberRow.id))
        .outerjoin(
            SuppressionRow, col(SuppressionRow.address_key) == col(SubscriberRow.address_key)
        )
        .where(
            col(DeliveryRow.edition_id) == edition_id,
            sa.text("delivery.reason = 'hard'"),  # as the index has it
            col(DeliveryRow.state) == DeliveryState.REFUSED,
            col(SubscriberRow.address).is_not(None),
        )
        .order_by(col(SubscriberRow.address_key))
    )
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for address, key, fresh in session.execute(statement):
        found[address.rpartition("@")[2]].append((key, bool(fresh)))
    return found


def _taken_back() -> sa.ColumnElement[bool]:
    """Whether somebody had the address written to again after it was refused."""
    return sa.exists().where(
        col(AuditRow.ref) == col(SubscriberRow.address_key),
        col(AuditRow.action) == UNSUPPRESS,
        col(AuditRow.at) >= col(DeliveryRow.at),
    )


def _surges(session: Session, edition: EditionRow, domain: str, gone: int, now: datetime) -> bool:
    if gone <= FEW:
        return False
    statement = (
        sa.select(sa.func.count())
        .select_from(DeliveryRow)
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
        .where(
            col(DeliveryRow.edition_id) == edition.id,
            col(SubscriberRow.address).endswith(f"@{domain}", autoescape=True),
        )
    )
    readers = session.execute(statement).scalar_one()
    if gone <= SURGE * readers:
        return False
    log.warning(
        "edition %s: %s calls %s of %s readers unknown; nobody there is suppressed",
        edition.id, domain, gone, readers,
    )  # fmt: skip
    record(
        session, CLOCK, _SURGE, "edition", edition.uuid, at=now,
        domain=domain, gone=gone, readers=readers,
    )  # fmt: skip
    return True
