"""The proof of an edition: what went to how many, when and why not, for somebody who was not there.

It holds no address and no time of its own making: of an edition that is over, it is the same
object whenever it is made.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.audience.models import NewsletterRow, SubscriberRow
from publisher.delivery.press import delivery_id
from publisher.delivery.proof.contents import Item, Variant, items_of, variants_of
from publisher.delivery.proof.seal import sealed, utc
from publisher.delivery.proof.sums import Domains, Reasons, Timing, by_domain, by_reason, timing
from publisher.delivery.report import Report, report
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow

FORMAT = "publisher.edition.report/1"


@dataclass(frozen=True, slots=True)
class Proof:
    """An edition's sums in every way that somebody may ask for.

    `items` and `variants` go by their numbers, `doubts` (the uncertain deliveries) by the
    subscriber's uuid.
    """

    edition: EditionRow
    newsletter: NewsletterRow
    sums: Report
    timing: Timing
    sent_again: int
    items: Mapping[int, Item]
    variants: Mapping[int, Variant]
    domains: Domains
    reasons: Reasons
    doubts: Mapping[str, Mapping[str, Any]]

    @property
    def seconds(self) -> float | None:
        """From freezing to the end; None where either is still to come."""
        return _span(self.edition.frozen_at, self.edition.finished_at)

    @property
    def accepted_per_second(self) -> float | None:
        """Of those accepted at the first try, from freezing to the last of them.

        Later tries wait on purpose, and would say more of the waiting than of the sending.
        """
        span = _span(self.edition.frozen_at, self.timing.first_tries_until)
        return round(self.timing.first_tries / span, 2) if span else None

    def as_json(self) -> dict[str, Any]:
        """The object that is signed; times in UTC."""
        return {
            "format": FORMAT,
            "edition": _edition(self.edition, self.newsletter),
            **self.sums.as_json(),
            "adds_up": self.sums.adds_up,
            "sent_again": self.sent_again,
            "duration": {
                "first_outcome_at": utc(self.timing.first_at),
                "last_outcome_at": utc(self.timing.last_at),
                "seconds": self.seconds,
                "accepted_per_second": self.accepted_per_second,
            },
            "stories": {str(number): asdict(item) for number, item in self.items.items()},
            "variants": {str(number): _variant(one) for number, one in self.variants.items()},
            "domains": self.domains.named,
            "other_domains": self.domains.others,
            "reasons": self.reasons.reasons,
            "codes": self.reasons.codes,
            "uncertain_deliveries": self.doubts,
        }


def prove(session: Session, edition: EditionRow, *, secret: str) -> Proof:
    """Count everything; `session` should be a snapshot, or a running edition moves meanwhile."""
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    return Proof(
        edition=edition,
        newsletter=newsletter,
        sums=report(session, edition),
        timing=timing(session, edition),
        sent_again=_sent_again(session, edition),
        items=items_of(session, edition),
        variants=variants_of(session, edition),
        domains=by_domain(session, edition),
        reasons=by_reason(session, edition),
        doubts=_doubts(session, edition, secret),
    )


def signed(session: Session, edition: EditionRow, *, secret: str) -> bytes:
    """The report as a file that `publisher editions verify` knows again."""
    return sealed(prove(session, edition, secret=secret).as_json(), secret)


def _sent_again(session: Session, edition: EditionRow) -> int:
    statement = sa.select(sa.func.count(col(DeliveryRow.resent_at))).where(
        col(DeliveryRow.edition_id) == edition.id
    )
    return int(session.execute(statement).scalar_one())


def _doubts(session: Session, edition: EditionRow, secret: str) -> dict[str, dict[str, Any]]:
    statement = (
        sa.select(col(SubscriberRow.uuid), col(DeliveryRow.at), col(DeliveryRow.attempts))
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
        .where(
            col(DeliveryRow.edition_id) == edition.id,
            col(DeliveryRow.state) == DeliveryState.UNCERTAIN,
        )
        .order_by(col(DeliveryRow.subscriber_id))
    )
    return {
        reader: {
            "message_id": delivery_id(secret, edition, reader),
            "at": utc(at),
            "attempts": attempts,
        }
        for reader, at, attempts in session.execute(statement)
    }


def _edition(edition: EditionRow, newsletter: NewsletterRow) -> dict[str, Any]:
    return {
        "id": edition.id,
        "uuid": edition.uuid,
        "newsletter": newsletter.slug,
        "sender": newsletter.sender_address,
        "kind": edition.kind.value,
        "cadence": edition.cadence,
        "state": edition.state.value,
        "reason": edition.reason,
        "subject": edition.subject,
        "created_at": utc(edition.created_at),
        "due_at": utc(edition.due_at),
        "frozen_at": utc(edition.frozen_at),
        "finished_at": utc(edition.finished_at),
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "language": variant.language,
        "stories": list(variant.stories),
        **variant.deliveries,
    }


def _span(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 3) if start and end else None
