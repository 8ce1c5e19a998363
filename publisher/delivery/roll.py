"""The deliveries of an edition one by one, for those that somebody has to look at."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from publisher.audience.models import SubscriberRow
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow


def deliveries_in(
    session: Session, edition: EditionRow, state: DeliveryState, *, limit: int = 200
) -> Sequence[tuple[DeliveryRow, SubscriberRow]]:
    """Deliveries in `state` with their readers, the latest outcome first."""
    statement = (
        select(DeliveryRow, SubscriberRow)
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
        .where(DeliveryRow.edition_id == edition.id, DeliveryRow.state == state)
        .order_by(col(DeliveryRow.at).desc(), col(DeliveryRow.subscriber_id))
        .limit(limit)
    )
    return session.exec(statement).all()
