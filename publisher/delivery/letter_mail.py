"""What a letter says: from its row and its reader to the finished message."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime

from jinja2 import Environment
from sqlmodel import Session

from publisher.audience.confirm import pending_of
from publisher.audience.models import LetterKind, LetterRow, NewsletterRow, SubscriberRow
from publisher.audience.models import SubscriptionState as S
from publisher.audience.subscribers import is_closed, subscriptions_of
from publisher.audience.tokens import CONFIRM_LIFETIME, Tokens
from publisher.mail.inline import inline_css
from publisher.mail.mime import message_id, simple_message
from publisher.mail.styles import base_styles
from publisher.pages.environment import render
from publisher.pages.languages import page_language
from publisher.pages.links import Links
from publisher.settings import Settings


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a letter needs to know, read in one transaction."""

    letter: LetterRow
    subscriber_uuid: str
    address: str
    language: str
    newsletters: tuple[str, ...]
    subscription_uuid: str


def facts_of(session: Session, letter: LetterRow) -> Facts | None:
    """What the letter is about; None where there is no reason for it any more.

    That is when the person was erased or suppressed, or has nothing left to confirm.
    """
    subscriber = session.get(SubscriberRow, letter.subscriber_id)
    if subscriber is None or not subscriber.address or is_closed(session, subscriber.address_key):
        return None
    about = _about(session, letter, subscriber)
    if not about:
        return None
    return Facts(
        letter=letter,
        subscriber_uuid=subscriber.uuid,
        address=subscriber.address,
        language=subscriber.language,
        newsletters=tuple(newsletter.name for _, newsletter in about),
        subscription_uuid=about[0][0],
    )


def message_of(settings: Settings, env: Environment, facts: Facts) -> bytes:
    """The whole message; the same letter gives the same bytes, however often it is sent.

    The reader's name is not in it: somebody else may have typed it into the form. No
    List-Unsubscribe, since it belongs to no list. Raises TemplateBrokenError.
    """
    secret = settings.secret_key.get_secret_value()
    folder = f"email/letters/{facts.letter.kind}"
    context = _context(settings, facts)
    subject = " ".join(render(env, f"{folder}/subject.txt", **context).split())
    html = render(
        env,
        f"{folder}/body.html",
        subject=subject,
        preheader="",
        styles=base_styles(env, facts.language),
        **context,
    )
    headers = [
        ("From", f"{settings.site_name} <{settings.sender}>"),
        ("To", facts.address),
        (
            "Message-ID",
            message_id(secret.encode(), "letter", facts.letter.uuid, domain=_domain(settings)),
        ),
        ("Subject", subject),
        ("Date", format_datetime(facts.letter.created_at.astimezone(UTC))),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834
    ]
    text = render(env, f"{folder}/body.txt", **context)
    return simple_message(headers, text, inline_css(html, template=f"{folder}/body.html"))


def _about(
    session: Session, letter: LetterRow, subscriber: SubscriberRow
) -> list[tuple[str, NewsletterRow]]:
    """The subscriptions a letter speaks of, by uuid, with their newsletters."""
    if letter.kind == LetterKind.CONFIRM:
        waiting = pending_of(session, subscriber.uuid)
        return [(one.subscription.uuid, one.newsletter) for one in waiting]
    state = S.ACTIVE if letter.kind == LetterKind.WELCOME else S.ENDED
    return [
        (row.uuid, newsletter)
        for row in subscriptions_of(session, subscriber, state=state)
        if row.id == letter.subscription_id
        and (newsletter := session.get(NewsletterRow, row.newsletter_id))
    ]


def _context(settings: Settings, facts: Facts) -> dict[str, object]:
    tokens = Tokens(settings.secret_key.get_secret_value())
    links = Links(settings.base_url)
    return {
        "newsletters": facts.newsletters,
        "confirm_url": links.confirm(
            tokens.confirm(facts.subscriber_uuid, facts.letter.created_at)
        ),
        "unsubscribe_url": links.unsubscribe(tokens.unsubscribe(facts.subscription_uuid)),
        "newsletters_url": links.newsletters(),
        "postal_address": settings.postal_address,
        "valid_days": CONFIRM_LIFETIME.days,
        **page_language(facts.language),
    }


def _domain(settings: Settings) -> str:
    return settings.sender.rpartition("@")[2]
