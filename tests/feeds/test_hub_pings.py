"""Hubs are told of every change, once, and one that is ill harms nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from publisher.feeds import publish
from publisher.feeds.directory import want
from publisher.feeds.publish import build, build_due
from publisher.feeds.websub import ping
from publisher.feeds.websub.models import HubPingRow, PingState
from publisher.feeds.websub.ping import CLAIM, PATIENCE, ping_hub
from publisher.feeds.websub.standing import HubStanding, hub_standings
from publisher.fetch import Limits
from publisher.newsroom.acts import kill
from publisher.store import Runtime
from tests.feeds.samples import ADDRESS, EDITOR, article, bring, follow
from tests.feeds.subscribers import news as story
from tests.services.listener import Listener, Reply, Seen, listening
from tests.services.runtimes import Clock

FORMATS = ("atom", "json", "rss")


@pytest.fixture
def hub() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def pushing(runtime: Runtime, hub: Listener) -> Runtime:
    """A newsroom whose feeds name the hub, which has been told of one story."""
    changed = {"websub_hubs": hub.url, "private_networks": "127.0.0.0/8"}
    pushing = replace(runtime, settings=runtime.settings.model_copy(update=changed))
    bring(pushing, story())
    assert ping_hub(pushing, hub.url) == len(_topics(hub)) == len(set(_topics(hub)))
    hub.seen.clear()
    return pushing


def test_a_change_is_told_for_each_document_of_the_feeds_it_is_in(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    clock.advance(minutes=5)
    bring(pushing, story("goal", section="sports", byline="Ana Reyes", tags=("goals",)))
    ping_hub(pushing, hub.url)
    feeds = ("all", "author-ana-reyes", "sports", "tag-goals")
    assert sorted(_topics(hub)) == [
        f"{ADDRESS}/feeds/{slug}.{fmt}" for slug in feeds for fmt in FORMATS
    ]
    [first, *_] = hub.seen
    assert first.form["hub.mode"] == "publish"
    assert first.form["hub.url"] == first.form["hub.topic"]
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert hub.connections == 2  # one a round, however many pings


def test_the_ping_is_woken_when_the_documents_are_up(pushing: Runtime, hub: Listener) -> None:
    for message in pushing.settings.queue_folder.glob("*.msg"):
        message.unlink()
    bring(pushing, story("goal"))
    messages = [path.read_text() for path in pushing.settings.queue_folder.glob("*.msg")]
    assert any("publisher.websub.ping" in text and hub.url in text for text in messages)


def test_what_did_not_change_is_not_told(pushing: Runtime, hub: Listener) -> None:
    with pushing.sessions.begin() as session:
        want(session, ["all"])
    assert build(pushing, "all")
    assert ping_hub(pushing, hub.url) == 0
    assert hub.seen == []


def test_a_kill_is_told_like_any_change(pushing: Runtime, hub: Listener, clock: Clock) -> None:
    clock.advance(minutes=5)
    with pushing.sessions.begin() as session:
        kill(session, article(session), "It was wrong.", by=EDITOR, now=clock.now)
    follow(pushing)
    ping_hub(pushing, hub.url)
    assert f"{ADDRESS}/feeds/all.atom" in _topics(hub)


def test_changes_that_wait_are_told_as_one(pushing: Runtime, hub: Listener, clock: Clock) -> None:
    for number in range(4):
        clock.advance(minutes=1)
        bring(pushing, story(f"s{number}"))
    ping_hub(pushing, hub.url)
    assert _topics(hub).count(f"{ADDRESS}/feeds/all.rss") == 1


def test_a_change_while_the_hub_is_being_told_is_told_next(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    def change_meanwhile(_: Seen) -> Reply:
        hub.reply = lambda _: Reply()
        clock.advance(minutes=1)
        bring(pushing, story("second"))
        return Reply(202)

    hub.reply = change_meanwhile
    bring(pushing, story("first"))
    ping_hub(pushing, hub.url)
    first = _topics(hub)[0]
    assert _topics(hub).count(first) == 2
    assert _rows(pushing, state=PingState.WAITING) == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(500, b"out of\norder"), "The hub answered 500 out of order"),
        (Reply(410), "The hub answered 410"),
        (Reply(302, headers={"Location": "http://127.0.0.1/"}), "The hub answered 302"),
        (Reply(400, b"<script>" + b"x" * 100_000), "The hub answered 400 <script>xxx"),
    ],
)
def test_what_a_hub_does_not_take_is_tried_again_and_said_in_words(
    pushing: Runtime, hub: Listener, clock: Clock, reply: Reply, words: str
) -> None:
    hub.reply = lambda _: reply
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    assert ping_hub(pushing, hub.url) == 0
    row = _row(pushing)
    assert (row.state, row.failures, row.code) == (PingState.WAITING, 1, reply.status)
    assert row.problem is not None
    assert row.problem.startswith(words)
    assert clock.now < row.next_at <= clock.now + timedelta(seconds=12)
    hub.reply = lambda _: Reply()
    clock.now = row.next_at + timedelta(seconds=5)
    assert ping_hub(pushing, hub.url) > 0
    row = _row(pushing)
    assert (row.state, row.failures, row.problem) == (PingState.TOLD, 0, None)
    assert row.told_at == clock.now


def test_a_hub_that_does_not_answer_is_asked_once_and_all_its_pings_wait(
    pushing: Runtime, hub: Listener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ping, "LIMITS", Limits(seconds=0.2))
    hub.reply = lambda _: Reply(raw=True, pieces=(b"",), pause_s=5)
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    assert ping_hub(pushing, hub.url) == 0
    assert len(hub.seen) == 1
    waiting = _rows(pushing, state=PingState.WAITING)
    assert len(waiting) > 3
    assert {row.problem for row in waiting} == {
        "127.0.0.1 gave no whole answer within 0.2 seconds."
    }
    assert ping_hub(pushing, hub.url) == 0
    assert len(hub.seen) == 1


def test_once_a_hub_is_back_all_that_waited_for_it_goes(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    hub.reply = lambda _: Reply(raw=True)
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    ping_hub(pushing, hub.url)
    waiting = len(_rows(pushing, state=PingState.WAITING))
    with pushing.sessions.begin() as session:
        later = sa.update(HubPingRow).where(col(HubPingRow.slug) != "all")
        session.execute(later.values(next_at=clock.now + timedelta(hours=1)))
    hub.reply = lambda _: Reply()
    clock.advance(seconds=12)
    assert ping_hub(pushing, hub.url) == waiting


def test_news_does_not_shorten_the_pause_of_a_hub_that_fails(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    hub.reply = lambda _: Reply(503)
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    ping_hub(pushing, hub.url)
    before = _row(pushing)
    clock.advance(seconds=1)
    bring(pushing, story("second"))
    after = _row(pushing)
    assert (after.next_at, after.failures) == (before.next_at, 1)
    assert after.changed_at > before.changed_at


def test_what_a_hub_did_not_take_for_a_day_is_given_up_until_there_is_news(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    hub.reply = lambda _: Reply(500)
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    until = clock.now + PATIENCE
    while clock.now < until:
        ping_hub(pushing, hub.url)
        clock.advance(minutes=30)
    ping_hub(pushing, hub.url)
    clock.advance(hours=2)
    ping_hub(pushing, hub.url)
    assert {row.state for row in _rows(pushing, slug="all")} == {PingState.GIVEN_UP}
    hub.seen.clear()
    clock.advance(hours=2)
    assert ping_hub(pushing, hub.url) == 0
    assert hub.seen == []
    hub.reply = lambda _: Reply()
    bring(pushing, story("second"))
    assert ping_hub(pushing, hub.url) > 0
    assert _row(pushing).state == PingState.TOLD


def test_a_hub_that_names_a_time_is_left_alone_for_so_long(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    hub.reply = lambda _: Reply(503, headers={"Retry-After": "600"})
    bring(pushing, story("second"))
    ping_hub(pushing, hub.url)
    asked_first = {row.next_at - clock.now for row in _rows(pushing) if row.failures}
    assert asked_first == {timedelta(minutes=10)}


def test_workers_that_ping_at_once_tell_each_change_once(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    clock.advance(minutes=5)
    bring(pushing, story("goal", tags=("lamps", "quays")))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: ping_hub(pushing, hub.url), range(4)))
    assert len(_topics(hub)) == len(set(_topics(hub))) == 12
    assert _rows(pushing, state=PingState.WAITING) == []


def test_a_ping_whose_worker_died_is_told_by_another(
    pushing: Runtime, hub: Listener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    monkeypatch.setattr(ping, "_asked", _die)
    with pytest.raises(KeyboardInterrupt):
        ping_hub(pushing, hub.url)
    monkeypatch.undo()
    ping_hub(pushing, hub.url)
    [held] = _rows(pushing, state=PingState.WAITING)
    clock.advance(seconds=CLAIM.total_seconds())
    assert ping_hub(pushing, hub.url) == 1
    assert _topics(hub)[-1] == f"{ADDRESS}/feeds/{held.slug}.{held.fmt}"


def test_documents_whose_builder_died_after_the_exchange_are_told(
    pushing: Runtime, hub: Listener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(minutes=5)
    monkeypatch.setattr(publish, "announce", _die)
    with pytest.raises(KeyboardInterrupt):
        bring(pushing, story("goal"))
    monkeypatch.undo()
    clock.advance(minutes=1)
    build_due(pushing)
    ping_hub(pushing, hub.url)
    for fmt in FORMATS:
        assert f"{ADDRESS}/feeds/all.{fmt}" in _topics(hub)


def test_the_sweep_wakes_what_no_message_brought(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    for message in pushing.settings.queue_folder.glob("*.msg"):
        message.unlink()
    build_due(pushing)
    [message] = pushing.settings.queue_folder.glob("*.msg")
    assert "publisher.websub.ping" in message.read_text()


def test_a_hub_that_is_named_later_is_told_of_all_feeds_and_a_former_one_of_nothing(
    pushing: Runtime, hub: Listener
) -> None:
    with listening() as other:
        changed = pushing.settings.model_copy(update={"websub_hubs": other.url})
        moved = replace(pushing, settings=changed)
        build_due(moved)
        assert ping_hub(moved, hub.url) == 0
        assert ping_hub(moved, other.url) >= 6
        assert {row.hub for row in _rows(moved)} == {other.url}
    assert hub.seen == []


def test_a_hub_on_a_private_address_is_not_asked_unless_its_network_is_named(
    pushing: Runtime, hub: Listener, clock: Clock
) -> None:
    closed = pushing.settings.model_copy(update={"private_networks": ""})
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    assert ping_hub(replace(pushing, settings=closed), hub.url) == 0
    assert hub.seen == []
    assert "PUBLISHER_PRIVATE_NETWORKS" in (_row(pushing).problem or "")


def test_people_see_how_a_hub_does(pushing: Runtime, hub: Listener, clock: Clock) -> None:
    told_at = clock.now
    [well] = _standings(pushing, "all")
    assert well == HubStanding(hub.url, told_at, 0, 0, None, None)
    assert well.is_well
    hub.reply = lambda _: Reply(503, b"busy")
    clock.advance(minutes=5)
    bring(pushing, story("goal"))
    ping_hub(pushing, hub.url)
    [ill] = _standings(pushing, "all")
    assert (ill.told_at, ill.waiting, ill.problem) == (told_at, 3, "The hub answered 503 busy")
    assert ill.next_at is not None
    assert not ill.is_well
    [everything] = _standings(pushing)
    assert everything.waiting > 3
    assert _standings(pushing, "no-such-feed") == [HubStanding(hub.url, None, 0, 0, None, None)]


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def _topics(hub: Listener) -> list[str]:
    return [seen.form["hub.topic"] for seen in hub.seen]


def _rows(runtime: Runtime, **values: object) -> list[HubPingRow]:
    with runtime.sessions.read() as session:
        return list(session.exec(select(HubPingRow).filter_by(**values)))


def _row(runtime: Runtime) -> HubPingRow:
    [row] = _rows(runtime, slug="all", fmt="rss")
    return row


def _standings(runtime: Runtime, slug: str | None = None) -> list[HubStanding]:
    with runtime.sessions.read() as session:
        return hub_standings(session, runtime.settings, slug)
