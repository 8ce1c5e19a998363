"""The people: found by address or id, kept once each, and never written to when suppressed."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.audience.addresses import address_key, normalise
from publisher.audience.models import (
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
    SubscriptionState,
    SuppressionRow,
)
from publisher.audience.newsletters import find_newsletter
from publisher.errors import NotFoundError
from publisher.store.columns import new_uuid
from publisher.store.locks import lock_name

NAME_LIMIT = 100
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def find_subscriber(session: Session, ref: str, *, key: str) -> SubscriberRow:
    """The subscriber whose address or uuid is `ref`; `key` is the house's secret key.

    Raises NotFoundError; InvalidInputError where `ref` has an @ and is no address.
    """
    column = col(SubscriberRow.uuid)
    wanted = ref
    if "@" in ref:
        column, wanted = col(SubscriberRow.address_key), address_key(key, ref)
    row = session.exec(select(SubscriberRow).where(column == wanted)).one_or_none()
    if row is None:
        raise NotFoundError("subscriber", ref)
    return row


def list_subscribers(
    session: Session, *, newsletter: str | None = None, limit: int = 100
) -> Sequence[SubscriberRow]:
    """Subscribers, the newest first; of one newsletter, only those who get it now."""
    statement = select(SubscriberRow).order_by(col(SubscriberRow.id).desc()).limit(limit)
    if newsletter is not None:
        readers = select(SubscriptionRow.subscriber_id).where(
            SubscriptionRow.newsletter_id == find_newsletter(session, newsletter).id,
            SubscriptionRow.state == SubscriptionState.ACTIVE,
        )
        statement = statement.where(col(SubscriberRow.id).in_(readers))
    return session.exec(statement).all()


def subscriptions_of(
    session: Session, subscriber: SubscriberRow, *, state: SubscriptionState | None = None
) -> Sequence[SubscriptionRow]:
    """What a subscriber chose, in the order of the newsletters."""
    statement = (
        select(SubscriptionRow)
        .where(SubscriptionRow.subscriber_id == subscriber.id)
        .order_by(col(SubscriptionRow.newsletter_id))
    )
    if state is not None:
        statement = statement.where(SubscriptionRow.state == state)
    return session.exec(statement).all()


def keep_subscriber(
    session: Session, address: str, *, key: str, language: str, now: datetime
) -> SubscriberRow:
    """The subscriber with this address, made if there is none; one address is one person.

    Others wait who want the same address, until this transaction ends.
    """
    known = address_key(key, address)
    lock_name(session, f"subscriber {known}")
    row = session.exec(
        select(SubscriberRow).where(SubscriberRow.address_key == known)
    ).one_or_none()
    if row is None:
        row = SubscriberRow(
            uuid=new_uuid(now),
            address=normalise(address),
            address_key=known,
            language=language,
            state=SubscriberState.UNCONFIRMED,
            created_at=now,
        )
        session.add(row)
        session.flush()
    return row


def clean_name(name: str) -> str:
    """A name from outside: on one line, without control characters, at most 100 characters."""
    return " ".join(_UNWANTED.sub(" ", name).split())[:NAME_LIMIT].strip()


def is_closed(session: Session, key_of_address: str) -> bool:
    """Whether nobody but the desk may open this address again: it is suppressed or was erased."""
    if session.get(SuppressionRow, key_of_address) is not None:
        return True
    erased = select(SubscriberRow.id).where(
        SubscriberRow.address_key == key_of_address, SubscriberRow.state == SubscriberState.ERASED
    )
    return session.exec(erased).first() is not None


def suppress(
    session: Session, address: str, reason: str, *, key: str, by: Actor, now: datetime
) -> None:
    """Never write to this address again, whether or not we know it yet; repeating is harmless.

    `reason` is one of the glossary's: bounced, complained, erased, by_hand.
    """
    known = address_key(key, address)
    lock_name(session, f"subscriber {known}")
    if session.get(SuppressionRow, known) is not None:
        return
    session.add(SuppressionRow(address_key=known, reason=reason[:32], at=now))
    record(session, by, "address.suppress", "address", known, at=now, reason=reason[:32])
