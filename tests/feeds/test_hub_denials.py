"""A subscription that our hub ends is told to its callback."""

import pytest
from sqlmodel import select

from publisher.accounts.models import AuditRow
from publisher.errors import InvalidInputError, UnavailableError
from publisher.feeds.publish import build_due
from publisher.feeds.websub import intents, verify
from publisher.feeds.websub.deny import end_subscriptions
from publisher.feeds.websub.models import HubIntentRow, IntentState
from publisher.feeds.websub.verify import MOST_TRIES, PAUSE, verify_due
from publisher.fetch import Limits
from publisher.store import Runtime
from tests.feeds.samples import ADDRESS, EDITOR
from tests.feeds.subscribers import asked, hub_of, subscribed, subscriptions
from tests.services.listener import Listener, Reply
from tests.services.runtimes import Clock


def test_a_callback_is_told_that_its_subscription_is_ended(hub: Runtime, reader: Listener) -> None:
    subscribed(hub, reader)
    reader.reply = lambda _: Reply(204)
    assert _end(hub, "127.0.0.1", "Other hub & feeds now.") == 1
    assert subscriptions(hub) == []
    assert verify_due(hub) == 1
    [seen] = reader.seen
    assert seen.method == "GET"
    assert seen.query == {
        "me": "1",
        "hub.mode": "denied",
        "hub.topic": f"{ADDRESS}/feeds/all.atom",
        "hub.reason": "Other hub & feeds now.",
    }
    assert verify_due(hub) == 0
    said = {"host": "127.0.0.1", "reason": "Other hub & feeds now.", "count": 1}
    assert _audited(hub) == [said]


def test_it_is_told_though_the_hub_is_off(hub: Runtime, runtime: Runtime, reader: Listener) -> None:
    subscribed(hub, reader)
    asked(hub, reader, mode="unsubscribe")
    reader.reply = lambda _: Reply(200)
    off = hub_of(runtime, websub_hub=False)
    _end(off)
    for message in off.settings.queue_folder.glob("*.msg"):
        message.unlink()
    build_due(off)  # the sweep finds what the queue has lost
    messages = [path.read_text() for path in off.settings.queue_folder.glob("*.msg")]
    assert any(intents.VERIFY in message for message in messages)
    assert verify_due(off) == 1
    assert [seen.query["hub.mode"] for seen in reader.seen] == ["denied"]


def test_what_is_still_to_be_verified_is_denied_and_not_asked(
    hub: Runtime, reader: Listener
) -> None:
    asked(hub, reader)
    assert _end(hub) == 1
    verify_due(hub)
    assert [seen.query["hub.mode"] for seen in reader.seen] == ["denied"]
    assert subscriptions(hub) == []


def test_subscriptions_of_other_hosts_stay(hub: Runtime, reader: Listener) -> None:
    subscribed(hub, reader)
    subscribed(hub, reader, callback=f"http://localhost:{reader.port}/")
    assert _end(hub, "localhost") == 1
    assert [one.host for one in subscriptions(hub)] == ["127.0.0.1"]


def test_one_that_does_not_answer_is_told_three_times_and_forgotten(
    hub: Runtime, reader: Listener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(hub, reader)
    _end(hub)
    monkeypatch.setattr(verify, "LIMITS", Limits(seconds=0.1))
    reader.reply = lambda _: Reply(raw=True, pieces=(b"",), pause_s=5)
    for _ in range(MOST_TRIES + 2):
        assert verify_due(hub) == 0
        clock.advance(seconds=PAUSE.total_seconds())
    assert [(one.state, one.tries) for one in _denials(hub)] == [(IntentState.FAILED, MOST_TRIES)]
    clock.advance(minutes=10)
    build_due(hub)
    assert _denials(hub) == []


def test_being_denied_counts_as_no_request(
    hub: Runtime, reader: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "MOST_ASKED_A_HOST", 2)
    subscribed(hub, reader)
    _end(hub)
    asked(hub, reader)
    with pytest.raises(UnavailableError):
        asked(hub, reader)


@pytest.mark.parametrize("reason", ["", " \x00", "x" * 201])
def test_who_ends_subscriptions_says_why(hub: Runtime, reader: Listener, reason: str) -> None:
    subscribed(hub, reader)
    with pytest.raises(InvalidInputError):
        _end(hub, reason=reason)
    assert len(subscriptions(hub)) == 1


def test_where_nobody_subscribed_nothing_happens(hub: Runtime) -> None:
    assert _end(hub) == 0
    assert _audited(hub) == []


def _end(runtime: Runtime, host: str | None = None, reason: str = "No more.") -> int:
    with runtime.sessions.begin() as session:
        return end_subscriptions(session, host, reason, by=EDITOR, now=runtime.clock())


def _denials(runtime: Runtime) -> list[HubIntentRow]:
    with runtime.sessions.read() as session:
        return list(session.exec(select(HubIntentRow).where(HubIntentRow.mode == "denied")))


def _audited(runtime: Runtime) -> list[dict[str, object]]:
    with runtime.sessions.read() as session:
        rows = session.exec(select(AuditRow).order_by(AuditRow.id))
        return [one.detail for one in rows if one.action == "hub.deny"]
