"""The invented readers: two hundred people who subscribed before the first article came."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice
from publisher.audience.models import SubscriberRow, SubscriptionRow
from publisher.audience.newsletters import NewNewsletter, create_newsletter
from publisher.audience.subscribe import (
    Consent,
    NewSubscriber,
    Request,
    add_subscriber,
    request_subscription,
)
from publisher.audience.subscribers import suppress

DAILY, BRIEF = "harbour-daily", "hafenbrief"
ZONE, SENDER = "Europe/London", "news@harbour-record.example"
SECTIONS = ("harbour", "town", "culture", "sport", "letters")
EDITOR = Actor("editor", "Nora Quill")

_FIRST = (
    *("Amina", "Bert", "Cora", "Dev", "Elsie", "Femi", "Grace", "Hugo", "Ines", "Jack", "Kofi"),
    *("Lucy", "Milo", "Nia", "Owen", "Priya", "Quinn", "Rosa", "Sam", "Tess"),
)
_FIRST_GERMAN = ("Anke", "Björn", "Carla", "Dieter", "Elke", "Frieda", "Götz", "Hanna", "Ilse")
_LAST = ("Abbot", "Bird", "Crane", "Dunn", "Ekwe", "Farrow", "Gull", "Hale", "Irwin", "Jolly")
_LAST_GERMAN = ("Ahrens", "Brandt", "Claasen", "Diercks", "Ehlers", "Feddersen")
_PLAIN = str.maketrans({"ö": "oe", "ä": "ae", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Group:
    """So many readers with the same wishes; `confirmed` False: they never answered our letter."""

    count: int
    choices: tuple[Choice, ...]
    language: str = "en-GB"
    confirmed: bool = True


GROUPS = (
    Group(60, (Choice(DAILY, "daily"),)),
    Group(20, (Choice(DAILY, "daily", ("harbour",)),)),
    Group(20, (Choice(DAILY, "daily", ("culture", "town")),)),
    Group(18, (Choice(DAILY, "daily", ("sport",)),)),
    Group(12, (Choice(DAILY, "daily", ("harbour", "sport")),)),
    Group(4, (Choice(DAILY, "daily", ("letters",)),)),
    Group(4, (Choice(DAILY, "daily"),), confirmed=False),
    Group(16, (Choice(DAILY, "weekly"),)),
    Group(8, (Choice(DAILY, "weekly", ("harbour", "town")),)),
    Group(20, (Choice(BRIEF, "daily"),), "de"),
    Group(8, (Choice(BRIEF, "daily", ("hafen",)),), "de"),
    Group(6, (Choice(BRIEF, "daily", ("stadt",)),), "de"),
    Group(4, (Choice(BRIEF, "daily"), Choice(DAILY, "weekly")), "de"),
)
PAUSED, SUPPRESSED = (3, 31, 47), {11: "bounced", 23: "complained"}  # by place in their group


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented."""

    name: str
    address: str
    group: Group


def found_newsletters(session: Session, now: datetime) -> None:
    """Two newsletters. Their own hour is far away, so that only the demo sends editions."""
    daily = NewNewsletter(
        slug=DAILY,
        name="Harbour Daily",
        sender_name="The Harbour Record",
        sender_address=SENDER,
        zone=ZONE,
        hour=(now.astimezone(ZoneInfo(ZONE)).hour + 12) % 24,
        description="You get this because you subscribed to Harbour Daily from The Harbour Record.",
        sections=SECTIONS,
        cadences=("daily", "weekly"),
        language="en-GB",
    )
    brief = replace(
        daily,
        slug=BRIEF,
        name="Hafenbrief",
        description="Sie bekommen diese Mail, weil Sie den Hafenbrief täglich bestellt haben.",
        sections=("hafen", "stadt"),
        cadences=("daily",),
        language="de",
    )
    for newsletter in (daily, brief):
        create_newsletter(session, newsletter, by=EDITOR, now=now)


def subscribe_all(session: Session, *, key: str, now: datetime) -> int:
    """Subscribe everybody, on the days before `now`; returns how many people they are.

    Three of them pause, and two must not be written to any more.
    """
    everybody = list(people())
    for number, person in enumerate(everybody):
        at = now - timedelta(days=2 + number % 28, minutes=7 * number)
        _subscribe(session, person, key=key, at=at)
    for place in PAUSED:
        _pause(session, everybody[place], until=now + timedelta(days=14))
    for place, reason in SUPPRESSED.items():
        suppress(session, everybody[place].address, reason, key=key, by=EDITOR, now=now)
    return len(everybody)


def people() -> Iterator[Person]:
    """Everybody, in the order of their groups; the same people each time."""
    number = 0
    for group in GROUPS:
        for _ in range(group.count):
            yield _person(number, group)
            number += 1


def _person(number: int, group: Group) -> Person:
    german = group.language == "de"
    firsts, lasts = (_FIRST_GERMAN, _LAST_GERMAN) if german else (_FIRST, _LAST)
    first = firsts[number % len(firsts)]
    last = lasts[number // len(firsts) % len(lasts)]
    mailbox = f"{first}.{last}".lower().translate(_PLAIN)
    domain = "post.example" if german else "readers.example"
    return Person(f"{first} {last}", f"{mailbox}@{domain}", group)


def _subscribe(session: Session, person: Person, *, key: str, at: datetime) -> None:
    group = person.group
    if group.confirmed:
        new = NewSubscriber(
            person.address, group.choices, person.name, group.language, "At the fair, on paper."
        )
        add_subscriber(session, new, key=key, by=EDITOR, now=at)
        return
    consent = Consent("127.0.0.1", "/newsletters", "Send me Harbour Daily by e-mail.")
    wish = Request(person.address, group.choices, consent, person.name, group.language)
    request_subscription(session, wish, key=key, by=Actor("reader"), now=at)


def _pause(session: Session, person: Person, *, until: datetime) -> None:
    statement = (
        select(SubscriptionRow).join(SubscriberRow).where(SubscriberRow.address == person.address)
    )
    for row in session.exec(statement):
        row.paused_until = until
        session.add(row)
