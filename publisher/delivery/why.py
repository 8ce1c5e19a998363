"""Why did, or didn't, this reader get that edition? Answered from the rows, in a sentence."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow, SubscriberRow
from publisher.delivery.doubts import BY_HAND
from publisher.delivery.turns import PACED
from publisher.editions.models import (
    DeliveryRow,
    DeliveryState,
    EditionRow,
    ExclusionReason,
    ExclusionRow,
    VariantItemRow,
)
from publisher.newsroom.models import ArticleRow, ArticleVersionRow

_DELIVERED = {
    DeliveryState.QUEUED: "It is waiting to be sent.",
    DeliveryState.ACCEPTED: "The mail server accepted it at {at}.",
    DeliveryState.REFUSED: "The mail server refused it at {at}: {said}.",
    DeliveryState.DEFERRED: "The mail server asked to wait: {said}. It is tried again at {next}.",
    DeliveryState.UNCERTAIN: "It is uncertain whether the mail server has it: {said}. {then}",
}
_PACED = "Mail to its domain goes slowly; its turn comes at {next}."
_WITHDRAWN = {
    "stopped": "The edition was stopped before this reader's mail was sent.",
    "unsubscribed": "The reader unsubscribed before it was sent.",
    "suppressed": "The address must not be written to, since before it was sent.",
    "erased": "The reader's data was erased before it was sent.",
    "killed": "Every story of it was killed, withdrawn or put on hold before it was sent.",
}
_EXCLUDED = {
    ExclusionReason.NOTHING_NEW: "There was no new story in the sections this reader chose.",
    ExclusionReason.HAD_ALL: "The reader had had every story of it in an earlier edition.",
    ExclusionReason.PAUSED: "The reader has paused this newsletter.",
    ExclusionReason.UNCONFIRMED: "The reader has not confirmed the subscription.",
    ExclusionReason.SUPPRESSED: "The address must not be written to.",
    ExclusionReason.ERASED: "The reader's data was erased.",
}


@dataclass(frozen=True, slots=True)
class Why:
    """`state` is a delivery's, `excluded` or `not_matched`; `stories` are titles in order."""

    edition: int
    state: str
    reason: str | None
    sentence: str
    stories: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The answer as the command line shows it."""
        return asdict(self)


def why(session: Session, address_key: str, edition: EditionRow) -> Why:
    """The answer for one reader, known by the key of their address, and one edition."""
    number = edition.id or 0
    if edition.frozen_at is None:
        return Why(
            number, "not_matched", None, f"The edition is {edition.state.value}: not sent yet."
        )
    subscriber = session.exec(
        select(SubscriberRow).where(SubscriberRow.address_key == address_key)
    ).first()
    if subscriber is None:
        return Why(number, "not_matched", None, "Nobody with this address has ever subscribed.")
    delivery = session.get(DeliveryRow, (number, subscriber.id))
    if delivery is not None:
        return _delivered(session, delivery)
    exclusion = session.get(ExclusionRow, (number, subscriber.id))
    if exclusion is not None:
        return Why(number, "excluded", exclusion.reason.value, _EXCLUDED[exclusion.reason])
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    cadence = f" with the cadence {edition.cadence}" if edition.cadence else ""
    sentence = f"The reader was not subscribed to “{newsletter.name}”{cadence} when it froze."
    return Why(number, "not_matched", None, sentence)


def _delivered(session: Session, delivery: DeliveryRow) -> Why:
    said = f"{delivery.code or ''} {delivery.reply or ''}".strip() or "no answer"
    if delivery.state == DeliveryState.WITHDRAWN:
        sentence = _WITHDRAWN.get(delivery.reason or "", "It was withdrawn.")
    elif delivery.reason == BY_HAND:
        sentence = f"{delivery.reply} It was {delivery.state.value}."
    else:
        paced = delivery.state == DeliveryState.DEFERRED and delivery.reason == PACED
        sentence = (_PACED if paced else _DELIVERED[delivery.state]).format(
            at=_utc(delivery.at),
            next=_utc(delivery.next_at),
            said=said.rstrip("."),
            then=_then(delivery),
        )
    return Why(
        delivery.edition_id,
        delivery.state.value,
        delivery.reason,
        sentence,
        _titles(session, delivery),
    )


def _then(delivery: DeliveryRow) -> str:
    """What comes of a delivery in doubt."""
    if delivery.next_at:
        return f"It is sent again at {_utc(delivery.next_at)}, the same mail."
    return "It is not sent twice by itself."


def _titles(session: Session, delivery: DeliveryRow) -> tuple[str, ...]:
    statement = (
        select(ArticleVersionRow.title)
        .join(ArticleRow, col(ArticleRow.version_id) == col(ArticleVersionRow.id))
        .join(VariantItemRow, col(VariantItemRow.article_id) == col(ArticleRow.id))
        .where(VariantItemRow.variant_id == delivery.variant_id)
        .order_by(col(VariantItemRow.position))
    )
    return tuple(session.exec(statement))


def _utc(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "no time"
