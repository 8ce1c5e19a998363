"""Compares the mailbox, read back from disk, with the deliveries: one message each, no other."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlmodel import Session, col, select

from publisher.audience.models import LetterRow, SubscriberRow
from publisher.editions.models import DeliveryRow, EditionRow, VariantItemRow
from publisher.mail.maildir import messages
from publisher.mail.mime import message_id
from publisher.newsroom.models import ArticleRow
from publisher.settings import Settings
from publisher.store import Runtime

_FEWEST_AND_MOST = {"accepted": (1, 1), "uncertain": (0, 1)}
_NONE = (0, 0)


@dataclass(frozen=True, slots=True)
class Expected:
    """A delivery or letter as the rows have it; `stories` are uuids of articles."""

    what: str
    message_id: str
    address: str
    state: str
    stories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as its reader has it: the stories that its text links to, in order."""

    message_id: str
    recipients: tuple[str, ...]
    stories: tuple[str, ...]


def mail_differences(expected: Sequence[Expected], mails: Sequence[Mail]) -> list[str]:
    """What the mailbox has otherwise than the rows say, in sentences; empty where all is right."""
    by_id: dict[str, list[Mail]] = {}
    for mail in mails:
        by_id.setdefault(mail.message_id, []).append(mail)
    found = [line for one in expected for line in _compared(one, by_id.get(one.message_id, []))]
    known = {one.message_id for one in expected}
    strangers = [mail for mail in mails if mail.message_id not in known]
    found += [f"{mail.message_id} to {_people(mail)} belongs to no delivery." for mail in strangers]
    return [*found, *_told_twice(mails)]


def deliveries_expected(runtime: Runtime) -> list[Expected]:
    """Every delivery and letter there is."""
    with runtime.sessions.read() as session:
        return [*_deliveries(session, runtime.settings), *_letters(session, runtime.settings)]


def mails_in(settings: Settings) -> list[Mail]:
    """Every message of the mailbox, parsed."""
    return [
        read_mail(stored.raw, stored.recipients, settings.base_url)
        for stored in messages(settings.mailbox_folder)
    ]


def read_mail(raw: bytes, recipients: tuple[str, ...], base_url: str) -> Mail:
    """A message as a mail program reads it."""
    message: EmailMessage = message_from_bytes(raw, policy=policy.default)
    text = message.get_body(("plain",))
    written = text.get_content() if text is not None else ""
    stories = re.findall(rf"{re.escape(base_url)}/articles/([0-9a-f-]{{36}})/", written)
    return Mail(str(message["Message-ID"]).strip(), recipients, tuple(stories))


def _compared(expected: Expected, mails: Sequence[Mail]) -> Iterator[str]:
    fewest, most = _FEWEST_AND_MOST.get(expected.state, _NONE)
    who = f"{expected.what} to {expected.address}"
    if not fewest <= len(mails) <= most:
        yield f"{who} is {expected.state}, but the mailbox has {len(mails)} messages of it."
    for mail in mails:
        if mail.recipients != (expected.address,):
            yield f"{who} went to {_people(mail)}."
        lacking = Counter(expected.stories) - Counter(mail.stories)
        foreign = Counter(mail.stories) - Counter(expected.stories)
        if lacking or foreign:
            yield (
                f"{who} has other stories than its variant: it lacks {sorted(lacking) or 'none'} "
                f"and has {sorted(foreign) or 'none'} too many."
            )


def _told_twice(mails: Sequence[Mail]) -> list[str]:
    """Nothing leaves twice: no reader has a story in two mails."""
    had = Counter((mail.recipients, story) for mail in mails for story in set(mail.stories))
    return [
        f"{', '.join(recipients)} got the story {story} in {count} messages."
        for (recipients, story), count in had.items()
        if count > 1
    ]


def _people(mail: Mail) -> str:
    return ", ".join(mail.recipients)


def _deliveries(session: Session, settings: Settings) -> Iterator[Expected]:
    statement = (
        select(DeliveryRow, EditionRow, SubscriberRow)
        .join(EditionRow, col(EditionRow.id) == col(DeliveryRow.edition_id))
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
    )
    stories = _stories_of_variants(session)
    key = settings.secret_key.get_secret_value().encode()
    for delivery, edition, subscriber in session.exec(statement):
        yield Expected(
            what=f"Edition {edition.id}",
            message_id=message_id(
                key, edition.uuid, subscriber.uuid, domain=edition.message_domain
            ),
            address=subscriber.address or "",
            state=delivery.state.value,
            stories=tuple(stories.get(delivery.variant_id, ())),
        )


def _stories_of_variants(session: Session) -> dict[int, list[str]]:
    statement = (
        select(VariantItemRow.variant_id, ArticleRow.uuid)
        .join(ArticleRow, col(ArticleRow.id) == col(VariantItemRow.article_id))
        .order_by(col(VariantItemRow.variant_id), col(VariantItemRow.position))
    )
    stories: dict[int, list[str]] = {}
    for variant_id, uuid in session.exec(statement):
        stories.setdefault(variant_id, []).append(uuid)
    return stories


def _letters(session: Session, settings: Settings) -> Iterator[Expected]:
    statement = select(LetterRow, SubscriberRow).join(
        SubscriberRow, col(SubscriberRow.id) == col(LetterRow.subscriber_id)
    )
    key = settings.secret_key.get_secret_value().encode()
    domain = settings.sender.rpartition("@")[2]
    for letter, subscriber in session.exec(statement):
        yield Expected(
            what=f"The {letter.kind.value} letter",
            message_id=message_id(key, "letter", letter.uuid, domain=domain),
            address=subscriber.address or "",
            state=letter.state.value,
        )
