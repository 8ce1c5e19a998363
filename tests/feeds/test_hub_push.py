"""Who subscribed is brought each change as it is served, and nobody waits for a slow one."""

import hashlib
import hmac
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from publisher.feeds.directory import want
from publisher.feeds.files import Published
from publisher.feeds.publish import build, build_due
from publisher.feeds.websub import push
from publisher.feeds.websub.models import HubSubscriptionRow, PushState
from publisher.feeds.websub.push import CLAIM, MOMENT, PATIENCE, push_due, signature
from publisher.feeds.websub.standing import hub_standings
from publisher.fetch import Limits
from publisher.newsroom.acts import hold, kill
from publisher.store import Runtime
from tests.feeds.samples import ADDRESS, EDITOR, answer, article, bring, document, follow
from tests.feeds.subscribers import hub_of, news, subscribed, subscriptions, willing
from tests.services.listener import Listener, Reply, Seen, listening
from tests.services.runtimes import Clock


@pytest.fixture
def reader() -> Iterator[Listener]:
    with listening(willing) as listener:
        yield listener


@pytest.fixture
def hub(runtime: Runtime, reader: Listener, clock: Clock) -> Runtime:
    """A newsroom that is its own hub, with one story and one subscriber of its Atom feed."""
    made = hub_of(runtime)
    bring(made, news())
    subscribed(made, reader, secret="s3cret")
    clock.advance(minutes=5)
    return made


def test_a_change_is_brought_with_the_bytes_and_headers_of_a_get(
    hub: Runtime, reader: Listener
) -> None:
    bring(hub, news("goal"))
    assert push_due(hub) == 1
    [seen] = reader.seen
    assert (seen.method, seen.path) == ("POST", "/told?me=1")
    assert seen.body == document(hub, "atom")
    site = hub.settings
    served = Published(site.public_folder, base_url=site.base_url, hubs=site.hubs)
    headers = served.answer("/feeds/all.atom").headers
    assert seen.headers["content-type"] == headers["Content-Type"]
    assert seen.headers["link"] == headers["Link"]
    assert f'<{ADDRESS}/websub>; rel="hub"' in seen.headers["link"]
    assert f'<{ADDRESS}/feeds/all.atom>; rel="self"' in seen.headers["link"]
    assert push_due(hub) == 0


def test_what_is_brought_is_signed_with_the_secret_of_the_subscriber(
    hub: Runtime, reader: Listener
) -> None:
    subscribed(hub, reader, callback=f"{reader.url}/unsigned")
    bring(hub, news("goal"))
    assert push_due(hub) == 2
    signed, plain = sorted(reader.seen, key=lambda seen: seen.path)
    digest = hmac.new(b"s3cret", signed.body, hashlib.sha256).hexdigest()
    assert signed.headers["x-hub-signature"] == f"sha256={digest}"
    assert signature("another", signed.body) != f"sha256={digest}"
    assert "x-hub-signature" not in plain.headers


def test_only_the_feeds_that_were_asked_for_are_brought(hub: Runtime, reader: Listener) -> None:
    subscribed(hub, reader, topic=f"{ADDRESS}/feeds/harbour.json", callback=f"{reader.url}/h")
    bring(hub, news("goal", section="sports", section_name="Sports"))
    push_due(hub)
    assert [seen.path for seen in reader.seen] == ["/told?me=1"]


def test_a_story_that_was_killed_is_in_no_push(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    """Not even in one that waited, before its feed was built again, or has even heard of it."""
    reader.reply = lambda _: Reply(503)
    bring(hub, news("wrong", title="The mayor of Port Ellery has resigned"))
    push_due(hub)
    assert b"has resigned" in reader.seen[0].body  # it was out
    reader.seen.clear()
    reader.reply = willing
    clock.advance(minutes=5)
    with hub.sessions.begin() as session:
        kill(session, article(session, "wrong"), "It was invented.", by=EDITOR, now=clock.now)
    assert push_due(hub) == 0
    answer(hub)
    assert push_due(hub) == 0
    follow(hub)
    clock.advance(seconds=MOMENT.total_seconds())
    assert push_due(hub) == 1
    [seen] = reader.seen
    assert b"has resigned" not in seen.body
    assert b"deleted-entry" in seen.body


def test_a_story_on_hold_is_in_no_push_though_its_feed_has_not_heard_of_that(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    bring(hub, news("doubt", title="The ferry line is bankrupt"))
    clock.advance(seconds=5)
    with hub.sessions.begin() as session:
        hold(session, article(session, "doubt"), "Is that so?", by=EDITOR, now=clock.now)
    assert push_due(hub) == 0
    follow(hub)
    clock.advance(seconds=MOMENT.total_seconds())
    assert push_due(hub) == 1
    assert b"bankrupt" not in reader.seen[0].body


def test_an_old_story_on_hold_holds_up_nothing_where_it_was_not_shown(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    """The document is as it was then, and so is the date it is known by."""
    bring(hub, *(news(f"s{number}", tags=("lamps",)) for number in range(51)))
    subscribed(hub, reader, topic=f"{ADDRESS}/feeds/tag-lamps.rss")
    clock.advance(minutes=5)
    reader.reply = lambda _: Reply(503)
    bring(hub, news("goal", tags=("lamps",)))
    push_due(hub)
    clock.advance(minutes=5)
    with hub.sessions.begin() as session:
        hold(session, article(session, "s0"), "Is that so?", by=EDITOR, now=clock.now)
    follow(hub)
    clock.advance(minutes=5)
    reader.reply = willing
    push_due(hub)
    assert not [row for row in subscriptions(hub) if row.state == PushState.WAITING]


def test_an_embargoed_story_is_in_no_push_until_it_is_out(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    later = clock.now + timedelta(hours=1)
    bring(hub, news("secret", title="Ferry line to be sold", embargo_until=later), news("goal"))
    push_due(hub)
    assert len(reader.seen) == 1
    assert b"to be sold" not in reader.seen[0].body


def test_changes_that_wait_are_brought_as_one(hub: Runtime, reader: Listener, clock: Clock) -> None:
    for number in range(3):
        clock.advance(minutes=1)
        bring(hub, news(f"s{number}"))
    assert push_due(hub) == 1
    assert reader.seen[0].body == document(hub, "atom")


def test_a_change_while_one_is_brought_comes_next(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    def change_meanwhile(_: Seen) -> Reply:
        reader.reply = willing
        clock.advance(seconds=1)
        bring(hub, news("second"))
        return Reply()

    reader.reply = change_meanwhile
    bring(hub, news("first"))
    assert push_due(hub) == 2
    assert reader.seen[1].body == document(hub, "atom")


def test_a_callback_that_says_gone_is_brought_nothing_more(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    reader.reply = lambda _: Reply(410)
    bring(hub, news("goal"))
    assert push_due(hub) == 0
    assert subscriptions(hub) == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, b"not <b>now</b>\x00"),
        Reply(404),
        Reply(307, headers={"Location": "/elsewhere"}),
        Reply(503, headers={"Retry-After": "Tue, 10 Mar 2026 09:00:00 +9999999999999999"}),
        Reply(raw=True, pieces=(b"nonsense\0\r\n\r\n",)),
    ],
)
def test_a_callback_that_fails_is_tried_again(
    hub: Runtime, reader: Listener, clock: Clock, reply: Reply
) -> None:
    reader.reply = lambda _: reply
    bring(hub, news("goal"))
    assert push_due(hub) == 0
    assert push_due(hub) == 0
    assert len(reader.seen) == 1
    [row] = subscriptions(hub)
    assert (row.state, row.failures, row.claimed_until) == (PushState.WAITING, 1, None)
    assert row.problem
    assert row.problem.isprintable()
    [standing] = _standings(hub)
    assert (standing.waiting, standing.problem) == (1, row.problem)
    reader.reply = willing
    clock.advance(seconds=12)
    assert push_due(hub) == 1
    [row] = subscriptions(hub)
    assert (row.state, row.failures, row.problem) == (PushState.IDLE, 0, None)
    assert _standings(hub)[0].is_well


def test_a_huge_answer_is_not_read_to_its_end(hub: Runtime, reader: Listener) -> None:
    reader.reply = lambda _: Reply(200, b"x" * 5_000_000)
    bring(hub, news("goal"))
    assert push_due(hub) == 1


def test_a_slow_callback_keeps_nobody_waiting_and_its_host_is_asked_once(
    hub: Runtime, reader: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "LIMITS", Limits(seconds=0.3))
    with listening(willing) as slow:
        for topic in ("all.atom", "all.rss", "harbour.json"):
            callback = f"http://localhost:{slow.port}/{topic}"
            subscribed(
                hub_of(hub, private_networks="127.0.0.0/8,::1"),
                slow,
                callback=callback,
                topic=f"{ADDRESS}/feeds/{topic}",
            )
        slow.reply = lambda _: Reply(raw=True, pieces=(b"",), pause_s=5)
        bring(hub, news("goal"))
        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(lambda _: push_due(hub), range(2)))
        assert sum(done) == 1
        assert len(slow.seen) == 1
    waiting = [row for row in subscriptions(hub) if row.state == PushState.WAITING]
    assert len(waiting) == 3
    assert {row.failures for row in waiting} == {1}


def test_workers_that_push_at_once_bring_each_change_once(hub: Runtime, reader: Listener) -> None:
    for number in range(5):
        subscribed(hub, reader, callback=f"{reader.url}/{number}")
    bring(hub, news("goal"))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: push_due(hub), range(4)))
    push_due(hub)
    paths = [seen.path for seen in reader.seen]
    assert len(paths) == len(set(paths)) == 6


def test_what_a_dead_worker_was_to_bring_is_brought_by_another(
    hub: Runtime, reader: Listener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(hub, news("goal"))
    monkeypatch.setattr(push, "_brought", _die)
    with pytest.raises(KeyboardInterrupt):
        push_due(hub)
    monkeypatch.undo()
    assert push_due(hub) == 0
    clock.advance(seconds=CLAIM.total_seconds())
    assert push_due(hub) == 1


def test_what_was_not_taken_for_a_day_is_given_up_until_there_is_news(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    reader.reply = lambda _: Reply(500)
    bring(hub, news("goal"))
    push_due(hub)
    clock.advance(seconds=PATIENCE.total_seconds())
    push_due(hub)
    [row] = subscriptions(hub)
    assert row.state == PushState.GIVEN_UP
    assert _standings(hub)[0].given_up == 1
    reader.reply = willing
    clock.advance(hours=2)
    assert push_due(hub) == 0
    bring(hub, news("second"))
    assert push_due(hub) == 1


def test_a_subscription_that_ran_out_is_brought_nothing(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    bring(hub, news("goal"))
    clock.advance(days=11)
    assert push_due(hub) == 0
    assert reader.seen == []


def test_a_callback_whose_name_leads_inside_by_now_is_brought_nothing(
    hub: Runtime, reader: Listener
) -> None:
    bring(hub, news("goal"))
    assert push_due(hub_of(hub, private_networks="")) == 0
    assert reader.seen == []
    [row] = subscriptions(hub)
    assert "not a public address" in (row.problem or "")


def test_the_sweep_wakes_what_no_message_brought(hub: Runtime, reader: Listener) -> None:
    bring(hub, news("goal"))
    for message in hub.settings.queue_folder.glob("*.msg"):
        message.unlink()
    build_due(hub)
    messages = [path.read_text() for path in hub.settings.queue_folder.glob("*.msg")]
    assert any("publisher.websub.push" in text for text in messages)


def test_what_waited_for_one_more_build_is_woken_though_it_changes_nothing(
    hub: Runtime, reader: Listener
) -> None:
    bring(hub, news("goal"))
    with hub.sessions.begin() as session:
        want(session, ["all"])
    assert push_due(hub) == 0
    for message in hub.settings.queue_folder.glob("*.msg"):
        message.unlink()

    assert build(hub, "all")

    messages = [path.read_text() for path in hub.settings.queue_folder.glob("*.msg")]
    assert any("publisher.websub.push" in text for text in messages)
    assert push_due(hub) == 1


def test_nothing_is_brought_where_nothing_changed(hub: Runtime, reader: Listener) -> None:
    with hub.sessions.begin() as session:
        want(session, ["all"])
    build_due(hub)
    assert push_due(hub) == 0


def test_nothing_is_brought_once_the_hub_is_switched_off(hub: Runtime, reader: Listener) -> None:
    bring(hub, news("goal"))
    assert push_due(hub_of(hub, websub_hub=False)) == 0
    assert push_due(hub_of(hub, websub_hubs="https://hub.example/")) == 0
    assert reader.seen == []


def test_people_see_how_our_hub_does(hub: Runtime, reader: Listener, clock: Clock) -> None:
    bring(hub, news("goal"))
    push_due(hub)
    [standing] = _standings(hub)
    assert (standing.hub, standing.told_at) == (f"{ADDRESS}/websub", clock.now)
    assert (standing.subscriptions, standing.waiting) == (1, 0)
    assert _standings(hub, "harbour")[0].subscriptions == 0


def test_once_a_host_is_back_all_that_waited_for_it_is_brought(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    for number in range(3):
        subscribed(hub, reader, callback=f"{reader.url}/{number}")
    reader.reply = lambda _: Reply(raw=True)
    bring(hub, news("goal"))
    push_due(hub)
    assert len(reader.seen) == 1
    with hub.sessions.begin() as session:
        later = sa.update(HubSubscriptionRow).where(col(HubSubscriptionRow.secret).is_(None))
        session.execute(later.values(next_at=clock.now + timedelta(hours=1)))
    reader.reply = willing
    clock.advance(seconds=12)
    assert push_due(hub) == 4


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def _standings(runtime: Runtime, slug: str | None = None) -> list:
    with runtime.sessions.read() as session:
        return hub_standings(session, runtime.settings, slug)
