"""What a process keeps of an edition never hides what was said of it meanwhile."""

from email import message_from_bytes, policy

import pytest
from sqlmodel import col, select

from publisher.audience.models import NewsletterRow
from publisher.delivery.plates import KEPT_VARIANTS, Printed
from publisher.editions.commands import NewEdition
from publisher.editions.models import VariantRow
from publisher.mail.mime import Personal
from publisher.newsroom.acts import correct
from publisher.newsroom.find import find_article
from tests.world import EDITOR, World

NOTE = "The pier closes at six, not at five."


@pytest.fixture
def edition(world: World) -> int:
    """An edition of two stories."""
    world.newsletter()
    world.readers(1)
    world.story("ferry")
    world.story("pier")
    return world.digest()


def test_a_variant_is_printed_once_however_much_happens_elsewhere(
    world: World, edition: int
) -> None:
    first = _printed(world, edition)
    world.story("elsewhere")
    assert _printed(world, edition) is first


def test_a_correction_stands_in_the_mails_that_are_still_to_go(world: World, edition: int) -> None:
    first = _printed(world, edition)
    _correct(world, "pier")
    corrected = _printed(world, edition)
    assert NOTE not in _text(first)
    assert NOTE in _text(corrected)
    assert _printed(world, edition) is corrected


def test_a_correction_that_was_made_before_other_news_and_came_after_it_stands_in_them(
    world: World, edition: int
) -> None:
    if not world.runtime.sessions.is_postgresql():
        pytest.skip("on SQLite one writes at a time")
    with world.runtime.sessions.begin() as session:
        article = find_article(session, "pier", lock=True)
        correct(session, article, NOTE, by=EDITOR, now=world.now)
        session.flush()
        world.story("elsewhere")
        assert NOTE not in _text(_printed(world, edition))
    assert NOTE in _text(_printed(world, edition))


def test_a_newsletter_that_is_renamed_is_renamed_in_them(world: World, edition: int) -> None:
    _printed(world, edition)
    with world.runtime.sessions.begin() as session:
        session.exec(select(NewsletterRow)).one().name = "Harbour briefing"
    assert "Harbour briefing" in _text(_printed(world, edition))


def test_editions_in_turns_are_printed_once_each(world: World, edition: int) -> None:
    other = world.edition(NewEdition("briefing", stories=[world.story("fire")]))
    before = [_printed(world, one) for one in (edition, other)]
    after = [_printed(world, one) for one in (edition, other)]
    assert [id(one) for one in after] == [id(one) for one in before]


def test_only_some_variants_are_kept(world: World) -> None:
    world.newsletter()
    sections = [f"section{number}" for number in range(KEPT_VARIANTS + 2)]
    for section in sections:
        world.reader(section, sections=(section,))
        world.story(section, section)
    edition = world.digest()
    with world.runtime.sessions.read() as session:
        variants = session.exec(select(VariantRow.id).order_by(col(VariantRow.id))).all()
        press = world.carrier.press
        first = press.print_variant(session, edition, variants[0] or 0)
        for variant in variants[1:]:
            press.print_variant(session, edition, variant or 0)
        again = press.print_variant(session, edition, variants[0] or 0)
    assert len(variants) == len(sections)
    assert again is not first
    assert _text(again) == _text(first)


def _printed(world: World, edition: int) -> Printed:
    with world.runtime.sessions.read() as session:
        variants = select(VariantRow.id).where(VariantRow.edition_id == edition)
        variant = session.exec(variants).one()
        return world.carrier.press.print_variant(session, edition, variant or 0)


def _correct(world: World, external_id: str) -> None:
    with world.runtime.sessions.begin() as session:
        article = find_article(session, external_id, lock=True)
        correct(session, article, NOTE, by=EDITOR, now=world.now)


def _text(printed: Printed) -> str:
    """The plain part of a mail."""
    values = dict.fromkeys(("name", "unsubscribe_url", "preferences_url", "web_url"), "x")
    person = Personal("ada@reader.example", "Ada", "<a@b.example>", values, ())
    mail = message_from_bytes(printed.skeleton.message(person), policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
