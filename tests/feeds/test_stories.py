"""From an article to the feeds: what comes, what changes, what goes, on both databases."""

from datetime import timedelta

import pytest

from publisher.feeds.directory import list_feeds
from publisher.newsroom import acts
from publisher.newsroom.receive import Terms, receive
from publisher.store import Runtime
from tests.feeds.samples import (
    ADDRESS,
    EDITOR,
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

FORMATS = ("rss", "atom", "json")


def test_a_story_is_the_same_in_all_formats_of_its_feeds(runtime: Runtime, clock: Clock) -> None:
    at = clock.now
    bring(runtime, story(published_at=at - timedelta(hours=2)))
    views = [read(document(runtime, f, s), f) for f in FORMATS for s in ("all", "harbour")]
    entry = views[0][0]
    assert all(view == [entry] for view in views)
    assert entry["title"] == "Harbour lights return to Port Ellery"
    assert entry["published"] == at - timedelta(hours=2)
    assert entry["updated"] == at
    assert entry["authors"] == ["Mara Quill"]
    assert entry["categories"] == ["Harbour", "lamps", "quays & piers"]
    assert "<p>Crews worked for a week.</p>" in entry["content"]


def test_an_entry_leads_to_our_page_and_has_the_id_of_its_article(runtime: Runtime) -> None:
    bring(runtime, story(url="https://elsewhere.example/lights"))
    with runtime.sessions.begin() as session:
        uuid = article(session).uuid
    entry = read(document(runtime, "atom"), "atom")[0]
    assert entry["id"] == f"urn:uuid:{uuid}"
    assert entry["link"] == f"{ADDRESS}/articles/{uuid}/harbour-lights-return-to-port-ellery"


def test_every_feed_is_listed_the_whole_site_first(runtime: Runtime) -> None:
    bring(runtime, story(), story("goal", title="A goal", section="aaa", section_name="Sport"))
    with runtime.sessions.read() as session:
        found = [(feed.slug, feed.section, feed.title) for feed in list_feeds(session)]
    assert found == [
        ("all", None, "All stories"),
        ("harbour", "harbour", "Harbour"),
        ("aaa", "aaa", "Sport"),
        ("author-mara-quill", None, "Mara Quill"),
        ("tag-lamps", None, "lamps"),
        ("tag-quays-piers", None, "quays & piers"),
    ]


def test_a_killed_story_is_gone_from_every_feed(runtime: Runtime) -> None:
    bring(runtime, story(), story("goal", title="A goal"))
    _act(runtime, "kill", "It is not true.")
    for fmt in FORMATS:
        assert titles(document(runtime, fmt), fmt) == ["A goal"]
        assert titles(document(runtime, fmt, "harbour"), fmt) == ["A goal"]


@pytest.mark.parametrize("act", ["hold", "withdraw"])
def test_a_story_taken_out_is_gone_from_every_feed(runtime: Runtime, act: str) -> None:
    bring(runtime, story())
    _act(runtime, act, "We are looking into it.")
    assert all(b"Harbour lights" not in document(runtime, fmt) for fmt in FORMATS)


def test_a_killed_story_leaves_a_tombstone_for_ninety_days(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    _act(runtime, "kill", "The sentinel reason.")
    atom = document(runtime, "atom")
    assert atom.count(b"<at:deleted-entry ") == 1
    assert b"sentinel" not in atom
    clock.advance(days=91)
    bring(runtime, story("goal", title="A goal"))
    assert b"<at:deleted-entry " not in document(runtime, "atom")


def test_a_restored_story_comes_back_without_its_tombstone(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story())
    before = read(document(runtime, "atom"), "atom")[0]
    _act(runtime, "kill", "It is not true.")
    _act(runtime, "restore", "It is true.")
    assert read(document(runtime, "atom"), "atom") == []
    with runtime.sessions.begin() as session:
        acts.release(session, article(session), by=EDITOR, now=clock.advance(hours=1))
    follow(runtime)
    after = read(document(runtime, "atom"), "atom")[0]
    assert (after["id"], after["published"]) == (before["id"], before["published"])
    assert b"deleted-entry " not in document(runtime, "atom")


def test_a_correction_is_said_first_and_moves_updated(runtime: Runtime, clock: Clock) -> None:
    at = clock.now
    bring(runtime, story())
    before = [read(document(runtime, fmt), fmt)[0] for fmt in FORMATS]
    clock.now = at + timedelta(hours=3)
    _act(runtime, "correct", "The lamps were <lit> on Tuesday.")
    after = [read(document(runtime, fmt), fmt)[0] for fmt in FORMATS]
    note = "<p><strong>Correction:</strong> The lamps were &lt;lit&gt; on Tuesday.</p>"
    for old, new in zip(before, after, strict=True):
        assert new["content"].startswith(note)
        assert new["updated"] == old["updated"] + timedelta(hours=3)
        assert new["published"] == old["published"]


def test_an_embargoed_story_comes_when_its_time_has_come(runtime: Runtime, clock: Clock) -> None:
    bring(runtime, story(embargo_until=clock.now + timedelta(hours=2)))
    assert titles(document(runtime, "rss"), "rss") == []
    assert not path(runtime, "rss", "harbour").exists()
    with runtime.sessions.begin() as session:
        acts.lift_due(session, clock.advance(hours=2))
    follow(runtime)
    assert len(titles(document(runtime, "rss", "harbour"), "rss")) == 1


def test_a_story_that_changes_its_section_changes_its_feed(runtime: Runtime) -> None:
    bring(runtime, story())
    bring(runtime, story(section="sport", section_name="Sport"))
    assert titles(document(runtime, "json", "harbour"), "json") == []
    assert len(titles(document(runtime, "json", "sport"), "json")) == 1


def test_a_headline_edit_keeps_the_id(runtime: Runtime) -> None:
    bring(runtime, story())
    before = read(document(runtime, "rss"), "rss")[0]
    bring(runtime, story(title="The lights are back"))
    after = read(document(runtime, "rss"), "rss")[0]
    assert after["title"] == "The lights are back"
    assert after["id"] == before["id"]


def test_a_first_sync_is_in_the_feeds(runtime: Runtime, clock: Clock) -> None:
    terms = Terms(baseline=True)
    with runtime.sessions.begin() as session:
        receive(session, story(), by=EDITOR, now=clock.now, terms=terms)
    follow(runtime)
    assert len(titles(document(runtime, "rss"), "rss")) == 1


def test_the_newest_fifty_come_newest_first(runtime: Runtime, clock: Clock) -> None:
    dates = [clock.now - timedelta(hours=(number * 7) % 60) for number in range(60)]
    stories = [
        story(f"s{number}", title=f"{at:%d %H}", published_at=at) for number, at in enumerate(dates)
    ]
    bring(runtime, *stories)
    expected = [f"{at:%d %H}" for at in sorted(dates, reverse=True)[:50]]
    assert all(titles(document(runtime, fmt, "tag-lamps"), fmt) == expected for fmt in FORMATS)
    assert feed_row(runtime, "tag-lamps").entries == 50


def test_a_date_after_publication_is_not_believed(runtime: Runtime, clock: Clock) -> None:
    at = clock.now
    bring(runtime, story(), story("goal", title="A goal"))
    bring(runtime, story(published_at=at + timedelta(days=9999), title="From the future"))
    entries = read(document(runtime, "rss"), "rss")
    assert [entry["title"] for entry in entries] == ["A goal", "From the future"]
    assert entries[1]["published"] == at


def test_a_section_that_cannot_be_a_file_name_stays_in_the_whole_feed(runtime: Runtime) -> None:
    bring(runtime, story(section="../../etc", section_name="Evil"), story("b", section="sport"))
    assert len(titles(document(runtime, "rss"), "rss")) == 2
    assert len(titles(document(runtime, "rss", "sport"), "rss")) == 1


def _act(runtime: Runtime, name: str, said: str) -> None:
    with runtime.sessions.begin() as session:
        getattr(acts, name)(session, article(session), said, by=EDITOR, now=runtime.clock())
    follow(runtime)
