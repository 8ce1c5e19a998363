"""Looking at a mail before it goes, or after: rendered by the very path that sends."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from publisher.audience.models import NewsletterRow, SubscriberRow, SubscriptionRow
from publisher.delivery.press import Press, filled, nobodys_values
from publisher.editions.contents import Pick, contents, picks_of_variant
from publisher.editions.forecast import picks_for
from publisher.editions.models import DeliveryRow, EditionRow
from publisher.errors import NotFoundError, RefusedError
from publisher.mail.splice import make_slots
from publisher.pages.links import Links


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail to look at. Its unsubscribe link leads to the newsletters and changes nothing."""

    subject: str
    preheader: str
    html: str
    text: str
    headers: tuple[tuple[str, str], ...]
    html_bytes: int
    stories: int
    warnings: tuple[str, ...] = ()


def preview(
    press: Press,
    session: Session,
    edition: EditionRow,
    subscription: SubscriptionRow | None,
    now: datetime,
) -> Preview:
    """The edition as this reader gets it; without a reader, as one who wants and has had all.

    Raises RefusedError where there would be no story for them.
    """
    return _show(press, session, edition, picks_for(session, edition, subscription, now))


def web_view(
    press: Press, session: Session, edition_uuid: str, subscriber_uuid: str, now: datetime
) -> Preview:
    """An edition in the browser, as the reader got it, less what may not be shown any more."""
    edition = session.exec(select(EditionRow).where(EditionRow.uuid == edition_uuid)).first()
    subscriber = session.exec(
        select(SubscriberRow).where(SubscriberRow.uuid == subscriber_uuid)
    ).first()
    delivery = None
    if edition is not None and subscriber is not None:
        delivery = session.get(DeliveryRow, (edition.id, subscriber.id))
    if edition is None or delivery is None:
        raise NotFoundError("edition", edition_uuid)
    picks = picks_of_variant(session, edition, delivery.variant_id, still="page", now=now)
    return _show(press, session, edition, picks)


def _show(press: Press, session: Session, edition: EditionRow, picks: list[Pick]) -> Preview:
    if not picks:
        raise RefusedError("There is no story in it for this reader.")
    frame, placed = contents(session, edition, picks, press.settings)
    slots = make_slots(edition.uuid)
    rendered = press.render(frame, placed, slots)
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    links = Links(press.settings.base_url)
    values = nobodys_values(links)
    return Preview(
        subject=rendered.subject,
        preheader=rendered.preheader,
        html=filled(rendered.html, slots, values),
        text=filled(rendered.text, slots, values),
        headers=tuple(press.shared_headers(edition, newsletter, rendered.subject)),
        html_bytes=rendered.html_bytes,
        stories=len(placed),
        warnings=rendered.warnings,
    )
