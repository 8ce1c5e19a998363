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
from publisher.delivery import return_path
from publisher.delivery.return_path import Kind, Mail
from publisher.mail.letters import LetterText, render_letter
from publisher.mail.mime import message_id, simple_message
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
    uuid, domain = facts.letter.uuid, settings.sender.rpartition("@")[2]
    letter = render_letter(facts.letter.kind.value, _text(settings, facts), env)
    headers = [
        ("From", f"{settings.site_name} <{settings.sender}>"),
        ("To", facts.address),
        ("Message-ID", message_id(secret.encode(), "letter", uuid, domain=domain)),
        ("Subject", letter.subject),
        ("Date", format_datetime(facts.letter.created_at.astimezone(UTC))),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834
    ]
    return simple_message(headers, letter.text, letter.html)


def return_path_of(settings: Settings, facts: Facts) -> str:
    """Where a bounce of the letter goes: an address of its own, if there is a domain."""
    if not settings.bounce_domain:
        return settings.sender
    mail = Mail(Kind.LETTER, facts.letter.id or 0, facts.letter.subscriber_id)
    secret = settings.secret_key.get_secret_value()
    return return_path.make(secret, mail, settings.bounce_domain)


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


def _text(settings: Settings, facts: Facts) -> LetterText:
    tokens = Tokens(settings.secret_key.get_secret_value())
    links = Links(settings.base_url)
    confirm = tokens.confirm(facts.subscriber_uuid, facts.letter.created_at)
    return LetterText(
        language=facts.language,
        newsletters=facts.newsletters,
        postal_address=settings.postal_address,
        confirm_url=links.confirm(confirm),
        unsubscribe_url=links.unsubscribe(tokens.unsubscribe(facts.subscription_uuid)),
        valid_days=CONFIRM_LIFETIME.days,
    )
