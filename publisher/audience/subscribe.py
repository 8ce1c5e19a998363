"""Subscribing: asked for by a reader and confirmed by mail, or added by an editor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from publisher.accounts.actor import Actor, record
from publisher.audience.addresses import address_key
from publisher.audience.choices import CheckedChoice, Choice, check_choices
from publisher.audience.confirm import activate, note_change
from publisher.audience.letters import may_ask_to_confirm, write_letter
from publisher.audience.models import (
    LetterKind,
    NewsletterRow,
    SubscriberRow,
    SubscriberState,
    SubscriptionRow,
    SubscriptionState,
)
from publisher.audience.subscribers import (
    clean_name,
    is_closed,
    keep_subscriber,
)
from publisher.errors import RefusedError
from publisher.store.columns import new_uuid


@dataclass(frozen=True, slots=True)
class Consent:
    """Where and to what somebody agreed: kept as proof. `sentence` is exactly what was shown."""

    ip: str
    page: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a form on our pages sent in; nobody knows yet whose address it is."""

    address: str
    choices: tuple[Choice, ...]
    consent: Consent
    name: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    """Somebody who an editor says has agreed; `proof` says how, in the editor's words."""

    address: str
    choices: tuple[Choice, ...]
    name: str = ""
    language: str = "en"
    proof: str = ""


def request_subscription(
    session: Session, request: Request, *, key: str, by: Actor, now: datetime
) -> None:
    """Note the wish and ask the address's owner to confirm it.

    Says nothing about whether the address is known: a subscription that is active already stays
    as it is (who fills in a form proves nothing), a suppressed address gets nothing, and one
    address gets one letter in 24 hours. Raises InvalidInputError or NotFoundError for what
    cannot be used, which does not depend on the address being known either.
    """
    choices = check_choices(session, request.choices)
    known = address_key(key, request.address)
    if is_closed(session, known):
        record(session, by, "subscription.ignore", "address", known, at=now)
        return
    subscriber = keep_subscriber(
        session, request.address, key=key, language=request.language, now=now
    )
    if subscriber.state == SubscriberState.UNCONFIRMED:
        subscriber.name = clean_name(request.name)
    proof = {
        "at": now.isoformat(),
        "ip": request.consent.ip[:45],
        "page": request.consent.page[:200],
        "sentence": request.consent.sentence,
    }
    wanted = [
        _set_pending(session, subscriber, choice, proof, by=by, now=now) for choice in choices
    ]
    if any(wanted) and may_ask_to_confirm(
        session, subscriber.id or 0, answered_at=subscriber.confirmed_at, now=now
    ):
        write_letter(session, LetterKind.CONFIRM, subscriber_id=subscriber.id or 0, now=now)


def add_subscriber(
    session: Session, new: NewSubscriber, *, key: str, by: Actor, now: datetime
) -> SubscriberRow:
    """Subscribe somebody on an editor's word, at once; the same address again updates the choices.

    Raises RefusedError where the address is suppressed or has left one of the newsletters:
    only the reader can come back.
    """
    choices = check_choices(session, new.choices)
    if is_closed(session, address_key(key, new.address)):
        raise RefusedError(
            "This address must not be written to (it bounced, complained or was erased). "
            "The reader can subscribe again on the newsletters page once that is lifted."
        )
    subscriber = keep_subscriber(session, new.address, key=key, language=new.language, now=now)
    _refuse_those_who_left(session, subscriber, choices)
    subscriber.name = clean_name(new.name) or subscriber.name
    subscriber.language = new.language
    if subscriber.state == SubscriberState.UNCONFIRMED:
        subscriber.state = SubscriberState.CONFIRMED
        subscriber.confirmed_at = now
    proof = {"at": now.isoformat(), "added_by": str(by), "proof": new.proof[:500]}
    for choice in choices:
        _set_active(session, subscriber, choice, proof, by=by, now=now)
    return subscriber


def _set_pending(
    session: Session,
    subscriber: SubscriberRow,
    choice: CheckedChoice,
    proof: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Whether the reader's yes is needed now."""
    row = _subscription(session, subscriber, choice.newsletter)
    if row is not None and row.state == SubscriptionState.ACTIVE:
        return False
    row = row or _new_subscription(subscriber, choice, now)
    _choose(row, choice)
    row.state = SubscriptionState.PENDING
    row.confirmed_at = row.ended_at = row.ended_reason = None
    row.consent = proof
    session.add(row)
    note_change(session, "subscription.request", row, by=by, now=now)
    return True


def _set_active(
    session: Session,
    subscriber: SubscriberRow,
    choice: CheckedChoice,
    proof: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    row = _subscription(session, subscriber, choice.newsletter)
    before = (row.state, row.cadence, row.sections) if row else None
    row = row or _new_subscription(subscriber, choice, now)
    _choose(row, choice)
    if row.state != SubscriptionState.ACTIVE:
        row.consent = proof
        activate(row, {}, now)
    session.add(row)
    if before != (row.state, row.cadence, row.sections):
        action = "subscription.change" if before else "subscription.add"
        note_change(session, action, row, by=by, now=now)


def _refuse_those_who_left(
    session: Session, subscriber: SubscriberRow, choices: Sequence[CheckedChoice]
) -> None:
    for choice in choices:
        row = _subscription(session, subscriber, choice.newsletter)
        if row is not None and row.state == SubscriptionState.ENDED:
            raise RefusedError(
                f"This reader has left {choice.newsletter.name}. Only they can come back: "
                "ask them to subscribe on the newsletters page."
            )


def _new_subscription(
    subscriber: SubscriberRow, choice: CheckedChoice, now: datetime
) -> SubscriptionRow:
    return SubscriptionRow(
        uuid=new_uuid(now),
        subscriber_id=subscriber.id or 0,
        newsletter_id=choice.newsletter.id or 0,
        cadence=choice.cadence,
        state=SubscriptionState.PENDING,
        subscribed_at=now,
    )


def _choose(row: SubscriptionRow, choice: CheckedChoice) -> None:
    row.cadence = choice.cadence
    row.sections = choice.sections


def _subscription(
    session: Session, subscriber: SubscriberRow, newsletter: NewsletterRow
) -> SubscriptionRow | None:
    statement = select(SubscriptionRow).where(
        SubscriptionRow.subscriber_id == subscriber.id,
        SubscriptionRow.newsletter_id == newsletter.id,
    )
    return session.exec(statement).one_or_none()
