"""Nobody is subscribed, or unsubscribed, who does not mean it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from publisher.accounts.models import AuditRow
from publisher.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from publisher.feeds.publish import build_due
from publisher.feeds.websub import intents, verify
from publisher.feeds.websub.models import HubIntentRow, IntentState
from publisher.feeds.websub.verify import CLAIM, MOST_TRIES, PAUSE, verify_due
from publisher.fetch import Limits
from publisher.settings import load_settings
from publisher.store import Runtime
from tests.feeds.samples import ADDRESS
from tests.feeds.subscribers import asked, hub_of, subscribed, subscriptions, willing
from tests.services.listener import Listener, Reply
from tests.services.runtimes import Clock


def test_feeds_name_our_hub_unless_another_one_is_named() -> None:
    own = load_settings(websub_hub=True)
    assert own.hubs == (own.own_hub,) == (f"{ADDRESS}/websub",)
    assert own.other_hubs == ()
    both = load_settings(websub_hub=True, websub_hubs="https://hub.example/")
    assert (both.hubs, both.own_hub) == (("https://hub.example/",), None)
    assert load_settings().own_hub is None


def test_a_callback_that_gives_the_challenge_back_is_subscribed(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    asked(hub, reader, secret="s3cret", lease_seconds="86400")
    assert reader.seen == []  # it is asked later, by a task
    assert verify_due(hub) == 1
    [seen] = reader.seen
    assert (seen.method, seen.path.startswith("/told?me=1&hub.mode=subscribe&")) == ("GET", True)
    assert seen.query["hub.topic"] == f"{ADDRESS}/feeds/all.atom"
    assert seen.query["hub.lease_seconds"] == "86400"
    assert len(seen.query["hub.challenge"]) > 30
    [row] = subscriptions(hub)
    assert (row.slug, row.fmt, row.secret) == ("all", "atom", "s3cret")
    assert row.lease_until == clock.now + timedelta(days=1)
    assert verify_due(hub) == 0
    assert _audited(hub) == ["hub.subscribe"]


def test_the_task_is_woken_and_the_sweep_finds_what_was_not(hub: Runtime, reader: Listener) -> None:
    asked(hub, reader)
    for _ in range(2):
        messages = list(hub.settings.queue_folder.glob("*.msg"))
        assert any("publisher.websub.verify" in path.read_text() for path in messages)
        for message in messages:
            message.unlink()
        build_due(hub)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"something else"),
        Reply(204),
        Reply(404, b"I never asked"),
        Reply(302, headers={"Location": "/elsewhere"}),
    ],
)
def test_a_callback_that_does_not_mean_it_is_not_subscribed(
    hub: Runtime, reader: Listener, clock: Clock, reply: Reply
) -> None:
    reader.reply = lambda _: reply
    asked(hub, reader)
    clock.advance(minutes=1)
    assert verify_due(hub) == 0
    clock.advance(minutes=5)
    assert verify_due(hub) == 0
    assert len(reader.seen) == 1
    assert subscriptions(hub) == []
    [intent] = _intents(hub)
    assert intent.state == IntentState.FAILED
    assert intent.problem is not None


def test_the_challenge_with_anything_more_is_not_the_challenge(
    hub: Runtime, reader: Listener
) -> None:
    reader.reply = lambda seen: Reply(200, seen.query["hub.challenge"].encode() + b"x" * 10_000)
    asked(hub, reader)
    assert verify_due(hub) == 0


def test_a_callback_that_does_not_answer_is_asked_three_times(
    hub: Runtime, reader: Listener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "LIMITS", Limits(seconds=0.1))
    reader.reply = lambda _: Reply(raw=True, pieces=(b"",), pause_s=5)
    asked(hub, reader)
    for _ in range(MOST_TRIES + 2):
        assert verify_due(hub) == 0
        clock.advance(seconds=PAUSE.total_seconds())
    assert len(reader.seen) == MOST_TRIES
    [intent] = _intents(hub)
    assert intent.state == IntentState.FAILED


def test_a_request_whose_worker_died_is_verified_by_another(
    hub: Runtime, reader: Listener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(hub, reader)
    monkeypatch.setattr(verify, "_asked", _die)
    with pytest.raises(KeyboardInterrupt):
        verify_due(hub)
    monkeypatch.undo()
    assert verify_due(hub) == 0
    clock.advance(seconds=CLAIM.total_seconds())
    assert verify_due(hub) == 1


def test_a_subscription_is_ended_only_if_its_callback_means_it(
    hub: Runtime, reader: Listener
) -> None:
    subscribed(hub, reader)
    reader.reply = lambda _: Reply(404)
    asked(hub, reader, mode="unsubscribe")
    assert verify_due(hub) == 0
    assert len(subscriptions(hub)) == 1
    reader.reply = willing
    asked(hub, reader, mode="unsubscribe")
    assert verify_due(hub) == 1
    assert "hub.lease_seconds" not in reader.seen[-1].query
    assert subscriptions(hub) == []
    assert _audited(hub) == ["hub.subscribe", "hub.unsubscribe"]


def test_subscribing_again_renews_secret_and_lease(
    hub: Runtime, reader: Listener, clock: Clock
) -> None:
    subscribed(hub, reader, secret="old")
    clock.advance(days=5)
    subscribed(hub, reader, secret="new")
    [row] = subscriptions(hub)
    assert (row.secret, row.lease_until) == ("new", clock.now + intents.LEASE)


@pytest.mark.parametrize(
    ("wish", "given"),
    [
        ("", intents.LEASE),
        ("1", intents.SHORTEST_LEASE),
        ("0", intents.SHORTEST_LEASE),
        ("9" * 400, intents.LONGEST_LEASE),
        ("864000", timedelta(days=10)),
    ],
)
def test_a_lease_is_what_is_asked_for_within_bounds(
    hub: Runtime, reader: Listener, wish: str, given: timedelta
) -> None:
    assert asked(hub, reader, lease_seconds=wish).lease_s == given.total_seconds()


def test_a_lease_that_ran_out_is_swept(hub: Runtime, reader: Listener, clock: Clock) -> None:
    subscribed(hub, reader)
    clock.advance(days=10, seconds=-1)
    build_due(hub)
    assert len(subscriptions(hub)) == 1
    clock.advance(seconds=1)
    build_due(hub)
    assert subscriptions(hub) == []
    assert _intents(hub) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": ""},
        {"mode": "publish"},
        {"mode": "denied"},
        {"callback": ""},
        {"callback": "ftp://reader.example/"},
        {"callback": "http://u:p@reader.example/"},
        {"callback": "http://reader.example/#x"},
        {"callback": "http://0x7f.1/"},
        {"callback": "http://10.0.0.1/"},
        {"callback": "http://169.254.169.254/latest"},
        {"callback": "http://[::1]/"},
        {"callback": "http://reader.example/" + "x" * 500},
        {"topic": ""},
        {"topic": f"{ADDRESS}/feeds/none.atom"},
        {"topic": f"{ADDRESS}/feeds/all.xml"},
        {"topic": f"{ADDRESS}/feeds/all.atom?x=1"},
        {"topic": f"{ADDRESS}/feeds/../feeds/all.atom"},
        {"topic": f"{ADDRESS}/feeds/al%6C.atom"},
        {"topic": f"{ADDRESS}/feeds/%00.atom"},
        {"topic": f"{ADDRESS.replace('http', 'https')}/feeds/all.atom"},
        {"topic": "https://other.example/feeds/all.atom"},
        {"topic": f"{ADDRESS}/feeds.opml"},
        {"topic": f"{ADDRESS}/feeds/_opml.atom"},
        {"topic": f"{ADDRESS}/feeds/archive/all/1.atom"},
        {"secret": "x" * 200},
        {"secret": "ü" * 100},
        {"lease_seconds": "soon"},
        {"lease_seconds": "-1"},
        {"lease_seconds": "1e9"},
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    hub: Runtime, reader: Listener, changes: dict[str, str]
) -> None:
    with pytest.raises(RefusedError) as raised:
        asked(hub, reader, **changes)
    assert len(str(raised.value)) > 20
    assert _intents(hub) == []


@pytest.mark.parametrize(
    "callback",
    [
        *("http://reader.example:22/", "https://reader.example:6379/", "http://192.0.43.8:25/"),
        *("http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest"),
    ],
)
def test_a_callback_that_can_never_be_asked_is_refused_at_once_and_in_the_askers_words(
    hub: Runtime, reader: Listener, callback: str
) -> None:
    with pytest.raises(RefusedError) as raised:
        asked(hub_of(hub, private_networks=""), reader, callback=callback)
    assert str(raised.value) == (
        "hub.callback must be at a public address of the internet, at one of the ports "
        "80, 443, 8080, 8443."
    )
    assert _intents(hub) == []


def test_a_name_may_be_that_of_a_server_in_a_network_of_ours(
    hub: Runtime, reader: Listener
) -> None:
    ours = hub_of(hub, private_networks="10.1.0.0/16")
    assert asked(ours, reader, callback="http://reader.example:9000/").tries == 0


def test_a_name_that_leads_inside_is_not_asked(hub: Runtime, reader: Listener) -> None:
    closed = hub_of(hub, private_networks="10.1.0.0/16")
    with pytest.raises(RefusedError):
        asked(closed, reader)
    asked(closed, reader, callback=f"http://localhost:{reader.port}/")
    assert verify_due(closed) == 0
    assert reader.connections == 0
    [intent] = _intents(hub)
    assert (intent.state, intent.tries) == (IntentState.FAILED, 1)


def test_there_is_no_hub_unless_it_is_switched_on(runtime: Runtime, reader: Listener) -> None:
    with pytest.raises(NotFoundError):
        asked(runtime, reader)
    assert verify_due(runtime) == 0


def test_a_host_can_be_asked_only_so_often(
    hub: Runtime, reader: Listener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "MOST_ASKED_A_HOST", 3)
    monkeypatch.setattr(intents, "MOST_ASKED", 5)
    for _ in range(3):
        asked(hub, reader)
    with pytest.raises(UnavailableError, match="too many"):
        asked(hub, reader)
    for name in ("a", "b"):
        asked(hub, reader, callback=f"https://{name}.example/")
    with pytest.raises(UnavailableError, match="too many"):
        asked(hub, reader, callback="https://c.example/")
    clock.advance(minutes=10)
    asked(hub, reader)


def test_a_host_can_have_only_so_many_subscriptions(
    hub: Runtime, reader: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "MOST_A_HOST", 1)
    subscribed(hub, reader)
    with pytest.raises(UnavailableError, match="too many"):
        asked(hub, reader, topic=f"{ADDRESS}/feeds/all.rss")
    asked(hub, reader, mode="unsubscribe")


def test_only_numbers_are_leases(hub: Runtime, reader: Listener) -> None:
    with pytest.raises(InvalidInputError, match="number"):
        asked(hub, reader, lease_seconds="١٢")


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def _intents(runtime: Runtime) -> list[HubIntentRow]:
    with runtime.sessions.read() as session:
        return list(session.exec(select(HubIntentRow)))


def _audited(runtime: Runtime) -> list[str]:
    with runtime.sessions.read() as session:
        rows = session.exec(select(AuditRow).order_by(AuditRow.id)).all()
    return [row.action for row in rows if row.action.startswith("hub.")]
