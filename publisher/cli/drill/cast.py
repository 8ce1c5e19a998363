"""The invented people and stories of a drill."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session

from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice
from publisher.audience.newsletters import NewNewsletter, create_newsletter
from publisher.audience.subscribe import NewSubscriber, add_subscriber
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.receive import Terms, receive

EDITOR = Actor("editor", "Nora Quill")
NEWSLETTER, SENDER = "drill", "news@drill.example"
SECTIONS = ("harbour", "town", "culture", "sport")  # each makes a variant, and its own batches
_WORDS = "The harbour board met on Quay Street and agreed what to do about the old ferry pier. " * 4


def found_newsletter(session: Session, now: datetime) -> None:
    """One newsletter, whose own hour is far away from now."""
    new = NewNewsletter(
        slug=NEWSLETTER,
        name="The Drill",
        sender_name="The Drill",
        sender_address=SENDER,
        zone="UTC",
        hour=(now.hour + 12) % 24,
        sections=SECTIONS,
        cadences=("daily",),
    )
    create_newsletter(session, new, by=EDITOR, now=now)


def subscribe(session: Session, count: int, *, key: str, now: datetime) -> Iterator[str]:
    """So many readers of one section each; gives their addresses."""
    long_ago = now - timedelta(days=30)
    for number in range(count):
        address = f"reader{number:05}@readers.example"
        choice = Choice(NEWSLETTER, "daily", (SECTIONS[number % len(SECTIONS)],))
        new = NewSubscriber(address, (choice,), f"Reader {number}")
        add_subscriber(session, new, key=key, by=EDITOR, now=long_ago)
        yield address


def invent_stories(session: Session, edition: int, now: datetime) -> tuple[str, Actor]:
    """A story for every section; whose newsletter carries them, and who sends it."""
    for section in SECTIONS:
        story = Incoming(
            source="drill",
            external_id=f"{section}-{edition}",
            title=f"What the {section} desk heard, part {edition + 1}",
            paragraphs=(_WORDS.strip(),),
            body_html=f"<p>{_WORDS.strip()}</p>",
            section=section,
            section_name=section.title(),
        )
        receive(session, story, by=EDITOR, now=now, terms=Terms(baseline=False))
    return NEWSLETTER, EDITOR
