"""Finding a newsletter's readers by what an editor remembers of their address."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow, SubscriberRow, SubscriptionRow

SHORTEST = 3


def readers_like(
    session: Session, newsletter: NewsletterRow, text: str, *, limit: int = 20
) -> Sequence[tuple[SubscriberRow, SubscriptionRow]]:
    """Readers of the newsletter, past ones too, whose address holds `text`; by address.

    Nobody for fewer than three characters, since that is nobody's address.
    """
    wanted = text.strip()
    if len(wanted) < SHORTEST:
        return []
    statement = (
        select(SubscriberRow, SubscriptionRow)
        .join(SubscriptionRow, col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
        .where(
            SubscriptionRow.newsletter_id == newsletter.id,
            col(SubscriberRow.address).icontains(wanted, autoescape=True),
        )
        .order_by(col(SubscriberRow.address))
        .limit(limit)
    )
    return session.exec(statement).all()
