"""Who gets what: the ledger, the exclusions, and sums that meet."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Thread

import sqlalchemy as sa

from publisher.audience.models import SubscriptionRow
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.contents import Pick
from publisher.editions.enlist import enlist
from publisher.editions.forecast import picks_for
from publisher.editions.models import EditionRow, EditionState, ExclusionReason
from publisher.newsroom.acts import hold, kill, release
from publisher.newsroom.find import find_article
from tests.services.runtimes import Clock
from tests.world import EDITOR, World

ADA = "ada@reader.example"


def test_every_matched_reader_has_one_row_with_its_reason(world: World) -> None:
    world.newsletter(sections=("local", "sport"))
    world.reader("wants-all")
    world.reader("wants-sport", sections=("sport",))
    for name in ("unconfirmed", "paused", "suppressed", "erased"):
        world.reader(name)
    _spoil(world)
    world.story("ferry")

    report = world.report(world.digest())

    assert report.matched == 6
    assert report.enlisted == 1
    assert report.excluded == {
        ExclusionReason.ERASED: 1,
        ExclusionReason.NOTHING_NEW: 1,
        ExclusionReason.PAUSED: 1,
        ExclusionReason.SUPPRESSED: 1,
        ExclusionReason.UNCONFIRMED: 1,
    }
    assert report.adds_up


def test_two_newsletters_that_enlist_at_once_send_no_story_twice(world: World) -> None:
    slugs = ("one", "two", "three", "four")
    for slug in slugs:
        world.newsletter(slug)
        for number in range(10):
            world.reader(f"reader{number}", slug)
    world.story("ferry")
    numbers = [_ready(world, slug) for slug in slugs]

    threads = [Thread(target=_enlist, args=(world, number)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(world.report(number).enlisted for number in numbers) == [0, 0, 0, 10]


def test_a_baseline_story_is_not_mailed(world: World) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("archive", baseline=True)

    assert world.row(world.digest()).state == EditionState.SKIPPED


def test_a_story_in_another_language_is_not_mailed(world: World) -> None:
    world.newsletter()
    world.reader("ada")
    world.story("fähre", language="de")

    assert world.row(world.digest()).state == EditionState.SKIPPED


def test_a_first_digest_reaches_back_a_day_before_subscribing(world: World, clock: Clock) -> None:
    world.newsletter()
    world.story("old")
    clock.advance(hours=20)
    world.story("recent")
    clock.advance(hours=20)
    world.reader("ada")
    with world.runtime.sessions.begin() as session:
        session.execute(
            sa.text("UPDATE subscription SET subscribed_at = :now"), {"now": _stored(world)}
        )

    assert world.titles_for(ADA, world.digest()) == ("Recent in Port Ellery",)


def test_what_does_not_fit_carries_over_to_the_next_edition(world: World) -> None:
    world.newsletter(max_stories=3)
    world.reader("ada")
    for number in range(5):
        world.story(f"story-{number}")

    first = world.titles_for(ADA, world.digest())
    second = world.titles_for(ADA, world.digest())

    assert (len(first), len(second)) == (3, 2)
    assert not set(first) & set(second)


def test_more_stories_than_fit_a_mask_are_all_sent_in_the_end(world: World) -> None:
    world.newsletter(max_stories=40)
    world.reader("ada")
    for number in range(100):
        world.story(f"story-{number:03}")

    sent = [world.titles_for(ADA, world.digest()) for _ in range(3)]

    assert [len(titles) for titles in sent] == [40, 40, 20]
    assert len(set().union(*sent)) == 100


def test_a_story_that_was_held_and_released_is_sent_once(world: World) -> None:
    world.newsletter()
    world.reader("ada")
    uuid = world.story("ferry")
    with world.runtime.sessions.begin() as session:
        hold(session, find_article(session, uuid), "checking", by=EDITOR, now=world.now)
    assert world.row(world.digest()).state == EditionState.SKIPPED
    with world.runtime.sessions.begin() as session:
        release(session, find_article(session, uuid), by=EDITOR, now=world.now)

    assert world.report(world.digest()).enlisted == 1


def test_a_special_goes_to_every_reader_in_the_editors_order(world: World) -> None:
    world.newsletter(sections=("local", "sport"))
    world.reader("ada", sections=("sport",))
    world.reader("ben", cadence="weekly")
    second, first = world.story("ferry"), world.story("regatta", "sport")

    number = world.edition(NewEdition("briefing", stories=[first, second]))

    assert world.stories_of(number) == [first, second]
    assert world.report(number).enlisted == 2


def test_a_special_whose_stories_are_killed_fails_with_the_reason(world: World) -> None:
    world.newsletter()
    world.reader("ada")
    uuid = world.story("ferry")
    with world.runtime.sessions.begin() as session:
        kill(session, find_article(session, uuid), "wrong", by=EDITOR, now=world.now)

    number = world.edition(NewEdition("briefing", stories=[uuid]))

    assert world.row(number).state == EditionState.FAILED
    assert "may leave" in (world.row(number).reason or "")


def test_every_reader_gets_what_the_preview_showed(world: World, clock: Clock) -> None:
    sections = ("local", "sport", "culture")
    world.newsletter(sections=sections)
    world.newsletter("evening", sections=("sport",))
    choices = [(), ("local",), ("sport", "culture"), sections]
    readers = [world.reader(f"reader{n}", sections=choices[n % 4]) for n in range(12)]
    for number in (0, 3, 6):
        world.reader(f"reader{number}", "evening")
    for number in range(70):  # more than one word of bits holds
        world.story(f"story-{number:02}", sections[number % 3])
    world.digest("evening")
    _subscribe_later(world, readers[8:])
    clock.advance(hours=30)
    for number in range(9):
        world.story(f"late-{number}", sections[number % 3])

    number = _ready(world, "briefing")
    shown = [_shown(world, number, address) for address in readers]
    _enlist(world, number)

    assert [_shown(world, number, address) for address in readers] == shown
    assert len({tuple(stories) for stories in shown}) > 4


def _ready(world: World, slug: str) -> int:
    with world.runtime.sessions.begin() as session:
        edition = create_edition(
            session, NewEdition(slug, cadence="daily"), by=EDITOR, now=world.now
        )
        send(session, edition, hold=timedelta(0), by=EDITOR, now=world.now)
        return edition.id or 0


def _enlist(world: World, number: int) -> None:
    with world.runtime.sessions.begin() as session:
        enlist(session, number, world.now)


def _spoil(world: World) -> None:
    changes = {
        "unconfirmed": "UPDATE subscription SET state = 'pending' WHERE id = :id",
        "paused": "UPDATE subscription SET paused_until = :later WHERE id = :id",
        "suppressed": "INSERT INTO suppression (address_key, reason, at)"
        " SELECT address_key, 'bounced', :later FROM subscriber WHERE id = :subscriber",
        "erased": "UPDATE subscriber SET state = 'erased', address = NULL WHERE id = :subscriber",
    }
    for name, statement in changes.items():
        row = world.subscription_of(f"{name}@reader.example")
        values = {
            "id": row.id,
            "subscriber": row.subscriber_id,
            "later": "2026-04-01 00:00:00.000000",
        }
        with world.runtime.sessions.begin() as session:
            session.execute(sa.text(statement), values)


def _stored(world: World) -> str:
    return world.now.strftime("%Y-%m-%d %H:%M:%S.%f")


def _shown(world: World, edition: int, address: str) -> list[Pick]:
    subscription = world.subscription_of(address)
    with world.runtime.sessions.read() as session:
        row = session.get_one(EditionRow, edition)
        return picks_for(session, row, subscription, world.now)


def _subscribe_later(world: World, addresses: Sequence[str]) -> None:
    """Have them subscribe at times of which some stories are too old for a first digest."""
    for hours, address in enumerate(addresses, start=20):
        moment = world.now + timedelta(hours=hours)
        row = world.subscription_of(address)
        with world.runtime.sessions.begin() as session:
            session.get_one(SubscriptionRow, row.id).subscribed_at = moment
