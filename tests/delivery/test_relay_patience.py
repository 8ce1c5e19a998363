"""A server may take its ten minutes over a message: the batch stays ours, and others go on."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from publisher.delivery import watch
from publisher.delivery.claim import LEASE, claim_batch
from publisher.delivery.relay import relay_of, relays_of
from publisher.delivery.send import send_batch
from publisher.delivery.way import Way
from publisher.editions.models import BatchRow, BatchState, EditionState
from publisher.settings import load_settings
from publisher.store import Runtime
from tests.delivery.relays import mailing, newsroom_of
from tests.mail.wire import Act, wire
from tests.services.runtimes import Clock
from tests.stories.waiting import until
from tests.world import World

READERS = 60


@pytest.fixture
def newsroom(runtime: Runtime) -> World:
    """Sixty readers: a window over one line is fifty of them."""
    return newsroom_of(runtime, READERS)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fence after 0.4 s and a look around every 0.05 s stand for a minute and a second."""
    monkeypatch.setattr(watch, "FENCE_S", 0.4)
    monkeypatch.setattr(watch, "RENEW_S", 0.1)
    monkeypatch.setattr(watch, "LOOK_S", 0.05)


class Thinks:
    """Does something else before it answers the first message."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile = meanwhile
        self._is_first = True

    def __call__(self, verb: str, _line: str) -> Act | None:
        if verb == "." and self._is_first:
            self._is_first = False
            self._meanwhile()
        return None


@pytest.mark.usefixtures("hurried")
def test_the_lease_is_renewed_for_as_long_as_the_server_thinks(
    newsroom: World, clock: Clock
) -> None:
    claims: list[object] = []

    def take_ten_minutes() -> None:
        for _ in range(6):
            clock.advance(seconds=100)
            time.sleep(0.5)
            claims.append(_claim_as_another(newsroom, edition))

    with wire(Thinks(take_ten_minutes)) as server, _over(newsroom, server.port) as world:
        edition = world.digest()
        send_batch(world.carrier, edition, 0)
        for no in range(1, 3):
            send_batch(world.carrier, edition, no)

    assert claims == [None] * 6
    assert world.row(edition).state == EditionState.SENT
    assert (len(server.kept), len(set(server.kept))) == (READERS, READERS)
    assert world.report(edition).uncertain == 0


@pytest.mark.usefixtures("hurried")
def test_others_go_on_with_the_rest_of_the_batch_meanwhile(newsroom: World) -> None:
    def let_another_work() -> None:
        until("the rest is a batch of its own", lambda: _batch(newsroom, edition, 1))
        with _over(newsroom, server.port) as other:
            send_batch(other.carrier, edition, 1)
        taken.append(len(server.kept))

    taken: list[int] = []
    with wire(Thinks(let_another_work)) as server, _over(newsroom, server.port) as world:
        edition = world.digest()
        send_batch(world.carrier, edition, 0)

    assert taken == [READERS - 50]
    assert world.row(edition).state == EditionState.SENT
    assert (len(server.kept), len(set(server.kept))) == (READERS, READERS)


def test_a_batch_that_another_worker_took_over_is_left_at_once(
    newsroom: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "RENEW_S", 0.5)
    monkeypatch.setattr(watch, "LOOK_S", 0.05)

    def be_overtaken() -> None:
        clock.now += LEASE + timedelta(seconds=1)
        assert _claim_as_another(newsroom, edition) is not None
        assert left.wait(30)

    left = threading.Event()
    with wire(Thinks(be_overtaken)) as server, _over(newsroom, server.port) as world:
        edition = world.digest()
        send_batch(world.carrier, edition, 0)
        left.set()

    batch = _batch(world, edition, 0)
    assert batch is not None
    assert (batch.worker, batch.state) == ("another", BatchState.SENDING)
    assert (world.report(edition).uncertain, world.report(edition).queued) == (50, 10)
    assert len(server.kept) <= 1


def test_answers_are_waited_for_as_rfc_5321_wants_unless_a_setting_says_otherwise() -> None:
    settings = load_settings(smtp_host="a.example", smtp_fallback_host="b.example")
    shorter = load_settings(smtp_host="a.example", smtp_answer_timeout=90)

    assert [relay.answers_s for relay in relays_of(settings)] == [600, 600]
    assert relay_of(shorter).answers_s == 90
    assert [one.answers_s for one in Way(settings, answers_s=60).relays] == [60, 60]


def test_the_second_relay_has_settings_of_its_own() -> None:
    settings = load_settings(
        smtp_host="a.example",
        smtp_fallback_host="b.example",
        smtp_fallback_security="tls",
        smtp_fallback_username="desk",
        smtp_fallback_password="quay",
    )
    second = relays_of(settings)[1]

    assert (second.place, second.security) == ("b.example:465", "tls")
    assert (second.username, second.password) == ("desk", "quay")
    assert len(relays_of(load_settings(smtp_fallback_host="b.example"))) == 1


def _over(world: World, port: int) -> object:
    return mailing(world, smtp_host="127.0.0.1", smtp_port=port, smtp_connections=1)


def _claim_as_another(world: World, edition: int) -> object:
    with world.runtime.sessions.begin() as session:
        return claim_batch(session, edition, 0, "another", world.now)


def _batch(world: World, edition: int, no: int) -> BatchRow | None:
    with world.runtime.sessions.read() as session:
        return session.get(BatchRow, (edition, no))
