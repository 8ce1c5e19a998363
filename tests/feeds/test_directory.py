"""Feeds come with what they are about, and are built when it changes."""

import re

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from publisher.accounts.models import AuditRow
from publisher.errors import NotFoundError
from publisher.feeds.directory import choose_text, ensure_all, find_feed, list_feeds, want
from publisher.feeds.models import FeedKind, FeedRow
from publisher.feeds.publish import build_due
from publisher.feeds.scopes import Scope
from publisher.newsroom import acts
from publisher.newsroom.receive import receive
from publisher.store import Runtime
from tests.feeds.samples import (
    EDITOR,
    answer,
    article,
    bring,
    document,
    feed_row,
    follow,
    path,
    read,
    story,
    titles,
)
from tests.services.runtimes import Clock
from tests.world import World


def test_an_author_and_a_tag_have_a_feed_once_a_story_is_out(
    runtime: Runtime, clock: Clock
) -> None:
    bring(runtime, story(embargo_until=clock.now.replace(hour=12)))
    assert _slugs(runtime) == ["all"]
    with runtime.sessions.begin() as session:
        acts.lift_due(session, clock.advance(hours=3))
    follow(runtime)
    assert _slugs(runtime) == [
        "all",
        "harbour",
        "author-mara-quill",
        "tag-lamps",
        "tag-quays-piers",
    ]
    assert len(titles(document(runtime, "json", "author-mara-quill"), "json")) == 1


def test_a_story_is_in_the_feed_of_each_of_its_authors(runtime: Runtime) -> None:
    bring(runtime, story(byline="Mara Quill, Tom Reed"), story("goal", byline="Tom Reed"))
    assert len(titles(document(runtime, "rss", "author-mara-quill"), "rss")) == 1
    assert len(titles(document(runtime, "atom", "author-tom-reed"), "atom")) == 2
    authors = [one["authors"] for one in read(document(runtime, "atom"), "atom")]
    assert sorted(authors) == [["Mara Quill", "Tom Reed"], ["Tom Reed"]]


def test_a_story_that_loses_a_tag_leaves_its_feed(runtime: Runtime) -> None:
    bring(runtime, story())
    bring(runtime, story(tags=("lamps",), title="Lights are on"))
    assert titles(document(runtime, "rss", "tag-lamps"), "rss") == ["Lights are on"]
    assert titles(document(runtime, "rss", "tag-quays-piers"), "rss") == []


def test_a_killed_story_leaves_a_tombstone_with_its_author_and_tags(runtime: Runtime) -> None:
    bring(runtime, story())
    with runtime.sessions.begin() as session:
        acts.kill(session, article(session), "Not true.", by=EDITOR, now=runtime.clock())
    follow(runtime)
    for slug in ("author-mara-quill", "tag-lamps"):
        assert document(runtime, "atom", slug).count(b"<at:deleted-entry ") == 1


def test_languages_have_feeds_from_the_second_one_on(runtime: Runtime) -> None:
    bring(runtime, story())
    assert not path(runtime, "rss", "language-en").exists()
    assert not list(_slugs(runtime, FeedKind.LANGUAGE))
    bring(runtime, story("lampen", language="nl-BE", title="De lampen branden"))
    assert _slugs(runtime, FeedKind.LANGUAGE) == ["language-en", "language-nl"]
    dutch = document(runtime, "rss", "language-nl")
    assert titles(dutch, "rss") == ["De lampen branden"]
    assert b"<language>nl</language>" in dutch
    assert len(titles(document(runtime, "rss", "language-en"), "rss")) == 1


def test_a_newsletter_has_a_feed_of_what_it_chooses_from(runtime: Runtime) -> None:
    bring(runtime, story(), story("goal", title="A goal", section="sport"))
    World(runtime).newsletter("quay-post", sections=("harbour",))
    build_due(runtime)
    bring(runtime, story("mole", title="The mole"))
    found = titles(document(runtime, "atom", "newsletter-quay-post"), "atom")
    assert found == ["The mole", "Harbour lights return to Port Ellery"]


def test_only_feeds_that_a_story_touches_are_built(runtime: Runtime) -> None:
    bring(runtime, story(), story("goal", section="sport", byline="Tom Reed", tags=()))
    with runtime.sessions.begin() as session:
        receive(
            session,
            story("goal2", section="sport", byline=None, tags=()),
            by=EDITOR,
            now=runtime.clock(),
        )
    answer(runtime)
    with runtime.sessions.read() as session:
        behind = select(FeedRow.slug).where(col(FeedRow.built_event) < col(FeedRow.wanted_event))
        assert set(session.exec(behind)) == {"all", "sport", "_sitemap-news"}


def test_news_wakes_the_widest_feed_first(runtime: Runtime) -> None:
    bring(runtime, story())
    for message in runtime.settings.queue_folder.glob("*.msg"):
        message.unlink()
    with runtime.sessions.begin() as session:
        receive(session, story("goal"), by=EDITOR, now=runtime.clock())
    answer(runtime)
    messages = sorted(
        runtime.settings.queue_folder.glob("*.msg"), key=lambda m: m.stat().st_mtime_ns
    )
    texts = [message.read_text() for message in messages]
    woken = [found[1] for text in texts if (found := re.search(r"'slug': '([\w-]+)'", text))]
    assert woken[:2] == ["all", "harbour"]
    assert len(woken) == len(set(woken)) == 6


def test_two_scopes_that_want_one_name_have_two(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story(section="tag-lamps", section_name="Lamps"))
    slugs = _slugs(runtime)
    assert "tag-lamps" in slugs
    [other] = [slug for slug in slugs if re.fullmatch("tag-lamps-[0-9a-f]{12}", slug)]
    assert feed_row(runtime, other).value == "lamps"
    assert len(titles(document(runtime, "rss", other), "rss")) == 1
    with runtime.sessions.begin() as session:
        again, new = ensure_all(session, [Scope(FeedKind.TAG, "lamps", "Lamps")], clock.now)
    assert ([feed.slug for feed in again], new) == ([other], [])


def test_a_feed_may_be_had_with_summaries_only(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    before = read(document(runtime, "rss"), "rss")[0]
    with runtime.sessions.begin() as session:
        choose_text(session, "all", summary_only=True, by=EDITOR, now=clock.now)
    build_due(runtime)
    for fmt in ("rss", "atom", "json"):
        assert b"Crews worked for a week" not in document(runtime, fmt)
        assert b"Read the story" in document(runtime, fmt)
        assert b"Crews worked for a week" in document(runtime, fmt, "harbour")
    after = read(document(runtime, "rss"), "rss")[0]
    assert (after["id"], after["updated"]) == (before["id"], before["updated"])
    with runtime.sessions.read() as session:
        acted = session.exec(select(AuditRow).where(AuditRow.action == "feed.text")).one()
    assert (acted.ref, acted.detail) == ("all", {"summary_only": True})


def test_what_is_chosen_already_changes_nothing(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    with runtime.sessions.begin() as session:
        choose_text(session, "all", summary_only=False, by=EDITOR, now=clock.now)
    assert build_due(runtime) == 0


def test_documents_about_feeds_are_no_feeds(runtime: Runtime) -> None:
    bring(runtime, story())
    with runtime.sessions.read() as session, pytest.raises(NotFoundError):
        find_feed(session, "_opml")


def test_wanting_a_feed_that_is_not_there_is_harmless(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        want(session, ["nothing"])
        assert session.execute(sa.select(sa.func.count()).select_from(FeedRow)).scalar() == 0


def _slugs(runtime: Runtime, *kinds: FeedKind) -> list[str]:
    with runtime.sessions.read() as session:
        return [feed.slug for feed in list_feeds(session, *kinds)]
