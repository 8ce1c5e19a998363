"""Changing one's mind: what a subscription brings, and how often."""

from datetime import datetime

from sqlmodel import Session

from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice, check_choice
from publisher.audience.confirm import note_change
from publisher.audience.models import NewsletterRow, SubscriptionRow, SubscriptionState
from publisher.audience.unsubscribe import subscription_to
from publisher.errors import RefusedError


def change_preferences(
    session: Session, subscription_uuid: str, choice: Choice, *, by: Actor, now: datetime
) -> tuple[SubscriptionRow, NewsletterRow]:
    """Give an active subscription another cadence and other sections, from its next edition on.

    Raises NotFoundError, InvalidInputError for what the newsletter does not offer, and
    RefusedError where the subscription is not active: only a new yes begins one.
    """
    row, newsletter = subscription_to(session, subscription_uuid, lock=True)
    if row.state != SubscriptionState.ACTIVE:
        raise RefusedError(
            f"You are not subscribed to {newsletter.name} any more. To come back, subscribe on "
            "the newsletters page."
        )
    wanted = check_choice(newsletter, choice)
    if (row.cadence, row.sections) != (wanted.cadence, wanted.sections):
        row.cadence, row.sections = wanted.cadence, wanted.sections
        session.add(row)
        note_change(session, "subscription.change", row, by=by, now=now)
    return row, newsletter
