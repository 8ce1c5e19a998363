"""Somebody who subscribed to a feed at our hub: a server on loopback, and the acts around it."""

from dataclasses import replace

from sqlmodel import select

from publisher.feeds.websub.intents import ask
from publisher.feeds.websub.models import HubIntentRow, HubSubscriptionRow
from publisher.feeds.websub.verify import verify_due
from publisher.newsroom.incoming import Incoming
from publisher.store import Runtime
from tests.feeds.samples import ADDRESS
from tests.feeds.samples import story as sample
from tests.services.listener import Listener, Reply, Seen


def hub_of(runtime: Runtime, **changes: object) -> Runtime:
    """The newsroom as its own hub, whose subscribers may be on loopback."""
    given = {"websub_hub": True, "private_networks": "127.0.0.0/8", **changes}
    return replace(runtime, settings=runtime.settings.model_copy(update=given))


def willing(seen: Seen) -> Reply:
    """Gives the challenge back, and takes what it is brought."""
    if seen.method == "GET":
        return Reply(200, seen.query["hub.challenge"].encode())
    return Reply()


def request_of(listener: Listener, **changes: str) -> dict[str, str]:
    """The fields of a request to subscribe; `changes` are named without `hub.`."""
    fields = {
        "hub.mode": "subscribe",
        "hub.callback": f"{listener.url}/told?me=1",
        "hub.topic": f"{ADDRESS}/feeds/all.atom",
    }
    return fields | {f"hub.{name}": value for name, value in changes.items()}


def asked(runtime: Runtime, listener: Listener, **changes: str) -> HubIntentRow:
    """A request that came in."""
    with runtime.sessions.begin() as session:
        form = request_of(listener, **changes)
        return ask(session, runtime.settings, form, runtime.clock())


def subscribed(runtime: Runtime, listener: Listener, **changes: str) -> None:
    """A request that was meant; what the server saw of it is forgotten."""
    listener.reply = willing
    asked(runtime, listener, **changes)
    assert verify_due(runtime) == 1
    listener.seen.clear()


def subscriptions(runtime: Runtime) -> list[HubSubscriptionRow]:
    with runtime.sessions.read() as session:
        return list(session.exec(select(HubSubscriptionRow).order_by(HubSubscriptionRow.id)))


def news(external_id: str = "lights", **changes: object) -> Incoming:
    """A story in as few feeds as can be: the site's and its section's."""
    return sample(external_id, **{"byline": "", "tags": (), **changes})
