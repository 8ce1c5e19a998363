"""Two newsletters of an invented newsroom, and short ways to act on them."""

from collections.abc import Callable

import pytest

from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice
from publisher.audience.models import SubscriberRow
from publisher.audience.newsletters import NewNewsletter, create_newsletter
from publisher.audience.subscribe import (
    Consent,
    NewSubscriber,
    Request,
    add_subscriber,
    request_subscription,
)
from publisher.store import Runtime

CLI = Actor("cli", "ellis")
READER = Actor("reader")
CONSENT = Consent(ip="192.0.2.7", page="/newsletters", sentence="Yes, send me the news.")
ADA = "ada@example.org"
BRIEFING = NewNewsletter(
    slug="briefing",
    name="Morning briefing",
    sender_name="The Harbour Record",
    sender_address="news@harbour.example",
    zone="Europe/Lisbon",
    hour=7,
    sections=("local", "sport"),
    cadences=("daily", "weekly"),
)
TIDES = NewNewsletter(
    slug="tides",
    name="Tides",
    sender_name="The Harbour Record",
    sender_address="tides@harbour.example",
    zone="UTC",
    hour=5,
)


@pytest.fixture
def newsroom(runtime: Runtime) -> Runtime:
    """A runtime with both newsletters."""
    with runtime.sessions.begin() as session:
        for new in (BRIEFING, TIDES):
            create_newsletter(session, new, by=CLI, now=runtime.clock())
    return runtime


@pytest.fixture
def key(newsroom: Runtime) -> str:
    return newsroom.settings.secret_key.get_secret_value()


@pytest.fixture
def ask(newsroom: Runtime, key: str) -> Callable[..., None]:
    """A reader fills in the form."""

    def do(*choices: Choice, address: str = ADA, name: str = "") -> None:
        request = Request(address, choices or (Choice("briefing"),), CONSENT, name=name)
        with newsroom.sessions.begin() as session:
            request_subscription(session, request, key=key, by=READER, now=newsroom.clock())

    return do


@pytest.fixture
def add(newsroom: Runtime, key: str) -> Callable[..., SubscriberRow]:
    """An editor adds somebody."""

    def do(*choices: Choice, address: str = ADA, name: str = "") -> SubscriberRow:
        new = NewSubscriber(address, choices or (Choice("briefing"),), name=name)
        with newsroom.sessions.begin() as session:
            return add_subscriber(session, new, key=key, by=CLI, now=newsroom.clock())

    return do
