"""The door of our own hub, as a program that subscribes sees it."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from publisher.feeds.websub import intents
from publisher.feeds.websub.models import HubIntentRow
from publisher.web.app import create_app
from tests.services.web import PATIENCE_S, serving
from tests.world import World

FIELDS = {
    "hub.mode": "subscribe",
    "hub.callback": "https://reader.example/told",
    "hub.topic": "http://127.0.0.1:8000/feeds/all.atom",
}


@pytest.fixture
def app(world: World, paper: dict[str, str]) -> FastAPI:
    """The site of a newsroom that is its own hub."""
    changed = world.runtime.settings.model_copy(update={"websub_hub": True})
    return create_app(replace(world.runtime, settings=changed))


@pytest.fixture
def program(app: FastAPI) -> Iterator[httpx.Client]:
    with serving(app) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as client:
        yield client


def test_a_feed_names_the_hub_and_the_hub_takes_a_request(
    program: httpx.Client, world: World
) -> None:
    link = program.get("/feeds/all.atom").links["hub"]["url"]
    assert link == "http://127.0.0.1:8000/websub"
    answer = program.post("/websub", data=FIELDS)
    assert (answer.status_code, answer.headers["content-type"]) == (
        202,
        "text/plain; charset=utf-8",
    )
    assert len(_intents(world)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hub.mode": "x"}, "hub.mode must be"),
        ({"hub.topic": "https://other.example/"}, "hub.topic must be"),
        ({"hub.callback": "http://127.0.0.1:22/"}, "at a public address of the internet"),
        ({"hub.callback": "x\0<b>"}, "characters that no address may have"),
        ({"hub.secret": "a\0b"}, "hub.secret must be"),
    ],
)
def test_what_it_does_not_take_it_says_in_plain_words(
    program: httpx.Client, world: World, changes: dict[str, str], words: str
) -> None:
    answer = program.post("/websub", data={**FIELDS, **changes})
    assert (answer.status_code, answer.headers["content-type"]) == (
        400,
        "text/plain; charset=utf-8",
    )
    assert words in answer.text
    assert _intents(world) == []


def test_a_body_that_is_no_form_or_too_long_is_refused(program: httpx.Client, world: World) -> None:
    assert program.post("/websub", json=FIELDS).status_code == 400
    long = {**FIELDS, "hub.secret": "x" * 100_000}
    assert program.post("/websub", data=long).status_code == 413
    files = {"hub.mode": ("x", b"subscribe")}
    assert program.post("/websub", files=files).status_code == 400
    assert program.get("/websub").status_code == 405
    assert _intents(world) == []


def test_too_many_requests_are_told_when_to_come_back(
    program: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "MOST_ASKED_A_HOST", 1)
    assert program.post("/websub", data=FIELDS).status_code == 202
    answer = program.post("/websub", data=FIELDS)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")


def test_where_there_is_no_hub_there_is_nothing(client_without_hub: httpx.Client) -> None:
    assert client_without_hub.post("/websub", data=FIELDS).status_code == 404


@pytest.fixture
def client_without_hub(world: World) -> Iterator[httpx.Client]:
    with serving(create_app(world.runtime)) as address, httpx.Client(base_url=address) as client:
        yield client


def _intents(world: World) -> list[HubIntentRow]:
    with world.runtime.sessions.read() as session:
        return list(session.exec(select(HubIntentRow)))
