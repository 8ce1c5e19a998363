"""What the preview shows before an edition freezes is what its readers then get."""

from datetime import timedelta
from itertools import combinations

from sqlmodel import col, select

from publisher.audience.choices import Choice
from publisher.audience.models import SubscriptionRow
from publisher.audience.subscribe import NewSubscriber, add_subscriber
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.contents import Pick, picks_of_variant
from publisher.editions.enlist import enlist
from publisher.editions.forecast import picks_for
from publisher.editions.models import DeliveryRow, EditionRow, EditionState
from publisher.editions.tick import tick
from tests.services.runtimes import Clock
from tests.world import EDITOR, World

SECTIONS = ("business", "culture", "letters", "local", "opinion", "sea", "sport", "travel", "youth")
CHOICES = [chosen for size in range(10) for chosen in combinations(SECTIONS, size)]  # 512
MOST = 12


def test_readers_of_five_hundred_choices_get_what_was_forecast(world: World, clock: Clock) -> None:
    world.newsletter(sections=SECTIONS, max_stories=MOST)
    world.newsletter("evening", sections=SECTIONS[:4])
    _subscribe(world)
    for n in range(20):
        world.story(f"story-{n:02}", SECTIONS[n % 9])
    world.digest("evening")  # every third reader has had some
    clock.advance(hours=20)
    for n in range(45):  # with the others, more than one word of bits holds
        world.story(f"late-{n:02}", SECTIONS[n % 9], urgency=1 + n % 8)
    number = _ready(world)

    forecast = _forecast(world, number)
    with world.runtime.sessions.begin() as session:
        enlist(session, number, world.now)

    assert _enlisted(world, number) == {
        reader: picks for reader, picks in forecast.items() if picks
    }
    assert len(forecast) == len(CHOICES)
    assert len({tuple(picks) for picks in forecast.values()}) > 400
    report = world.report(number)
    assert report.adds_up
    assert report.enlisted == sum(map(bool, forecast.values()))


def test_a_story_that_comes_when_the_slot_is_closed_is_not_forecast(
    world: World, clock: Clock
) -> None:
    world.newsletter(hour=10)
    world.reader("ada")
    world.story("ferry")
    with world.runtime.sessions.begin() as session:
        tick(session, world.now)
        number = session.exec(
            select(EditionRow.id)
            .where(EditionRow.state == EditionState.SCHEDULED)
            .order_by(col(EditionRow.due_at))
        ).first()
    assert number is not None
    clock.advance(minutes=27)  # three before it is due
    world.story("regatta")

    forecast = _forecast(world, number)
    clock.advance(minutes=3)
    with world.runtime.sessions.begin() as session:
        enlist(session, number, world.now)

    assert _enlisted(world, number) == forecast
    assert [len(picks) for picks in forecast.values()] == [1]


def _subscribe(world: World) -> None:
    """A reader for each choice; some since a moment that is too late for the first stories."""
    long_ago = world.now - timedelta(days=30)
    with world.runtime.sessions.begin() as session:
        for number, sections in enumerate(CHOICES):
            choices = [Choice("briefing", "daily", sections)]
            if number % 3 == 0:
                choices.append(Choice("evening", "daily"))
            new = NewSubscriber(f"reader{number}@reader.example", tuple(choices))
            add_subscriber(session, new, key=world.secret, by=EDITOR, now=long_ago)
        session.flush()
        for row in session.exec(select(SubscriptionRow).where(SubscriptionRow.newsletter_id == 1)):
            if row.subscriber_id % 5 == 0:
                row.subscribed_at = world.now + timedelta(hours=25)


def _ready(world: World) -> int:
    with world.runtime.sessions.begin() as session:
        new = NewEdition("briefing", cadence="daily")
        edition = create_edition(session, new, by=EDITOR, now=world.now)
        send(session, edition, hold=timedelta(0), by=EDITOR, now=world.now)
        return edition.id or 0


def _forecast(world: World, number: int) -> dict[int, list[Pick]]:
    """By subscriber: what the preview shows."""
    with world.runtime.sessions.read() as session:
        edition = session.get_one(EditionRow, number)
        subscriptions = select(SubscriptionRow).where(
            SubscriptionRow.newsletter_id == edition.newsletter_id
        )
        return {
            one.subscriber_id: picks_for(session, edition, one, world.now)
            for one in session.exec(subscriptions).all()
        }


def _enlisted(world: World, number: int) -> dict[int, list[Pick]]:
    """By subscriber: what the rows say is sent."""
    with world.runtime.sessions.read() as session:
        edition = session.get_one(EditionRow, number)
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.edition_id == number)).all()
        variants = {row.variant_id for row in rows}
        held = {one: picks_of_variant(session, edition, one) for one in variants}
        return {row.subscriber_id: held[row.variant_id] for row in rows}
