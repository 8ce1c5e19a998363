"""A feed is called what the thing is called that it is named after, from its next build on."""

from dataclasses import replace

import feedparser
import pytest
from sqlmodel import select

from publisher.audience.models import NewsletterRow
from publisher.feeds.publish import build_due
from publisher.store import Runtime
from tests.feeds.samples import bring, document, feed_row, story
from tests.services.runtimes import Clock
from tests.world import World


def test_a_section_is_called_what_its_newest_stories_call_it(
    runtime: Runtime, clock: Clock
) -> None:
    World(runtime).newsletter("quays", sections=("quay-and-pier",))
    build_due(runtime)
    assert _title(runtime, "quay-and-pier") == "Quay and pier"
    bring(runtime, story("one", section="quay-and-pier", section_name="Quay and Pier"))
    assert _title(runtime, "quay-and-pier") == "Quay and Pier"
    for name in ("two", "three", "four"):
        clock.advance(minutes=5)
        bring(runtime, story(name, section="quay-and-pier", section_name="Quay & Pier"))
    assert _title(runtime, "quay-and-pier") == "Quay & Pier"
    assert 'text="Quay &amp; Pier"' in _list(runtime)


@pytest.mark.parametrize("other", ["HARBOUR", "", " \x10 ", None])
def test_one_story_with_another_name_or_none_does_not_rename_it(
    runtime: Runtime, clock: Clock, other: str | None
) -> None:
    bring(runtime, story("one"), story("two"))
    clock.advance(minutes=5)
    bring(runtime, story("three", section_name=other))
    assert _title(runtime, "harbour") == "Harbour"


def test_a_section_of_which_nothing_is_out_keeps_its_name(runtime: Runtime) -> None:
    bring(runtime, story())
    bring(runtime, story(section="sport", section_name="Sport"))
    assert _title(runtime, "harbour") == "Harbour"


def test_a_newsletter_that_has_another_name_has_it_in_its_feed(
    runtime: Runtime, clock: Clock
) -> None:
    World(runtime).newsletter("briefing", name="Morning briefing")
    bring(runtime, story())
    with runtime.sessions.begin() as session:
        row = session.exec(select(NewsletterRow)).one()
        row.name = "The early tide"
    clock.advance(minutes=5)
    bring(runtime, story("two"))
    assert _title(runtime, "newsletter-briefing") == "The early tide"
    assert 'text="The early tide"' in _list(runtime)


def test_a_site_that_has_another_name_has_it_in_its_feeds(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    settings = runtime.settings.model_copy(update={"site_name": "The Quay Record"})
    renamed = replace(runtime, settings=settings)
    clock.advance(minutes=5)
    bring(renamed, story("two"))
    for slug, title in (("all", "The Quay Record"), ("harbour", "The Quay Record: Harbour")):
        for fmt in ("rss", "atom"):
            assert feedparser.parse(document(renamed, fmt, slug)).feed.title == title


def _title(runtime: Runtime, slug: str) -> str:
    """As its row and its document have it."""
    title = feed_row(runtime, slug).title
    found = feedparser.parse(document(runtime, "atom", slug)).feed.title
    assert found == f"{runtime.settings.site_name}: {title}"
    return title


def _list(runtime: Runtime) -> str:
    return (runtime.settings.public_folder / "feeds.opml").read_text()
