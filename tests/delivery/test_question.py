"""The question a window asks: one statement, and the batch is ours until the transaction ends."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from publisher.delivery.claim import LEASE, Claim, claim_batch
from publisher.delivery.question import ask
from publisher.delivery.window import next_window
from tests.world import World


@pytest.fixture
def claim(world: World) -> Claim:
    """A batch of two readers that a worker has claimed."""
    world.newsletter()
    world.readers(2)
    world.story("ferry")
    claim = _claim(world, world.digest(), "first", world.now)
    assert claim is not None
    return claim


def test_a_window_is_taken_with_three_statements(world: World, claim: Claim) -> None:
    with world.runtime.sessions.begin() as session:
        session.connection()
        said = _statements_of(world.runtime.sessions.engine)
        answer = ask(session, claim, world.now)
        assert answer is not None
        assert len(next_window(session, claim, answer, world.now).readers) == 2
    assert [statement.split()[0] for statement in said] == ["SELECT", "SELECT", "UPDATE"]


def test_nobody_takes_a_batch_over_whose_worker_has_its_answer(world: World, claim: Claim) -> None:
    """Though its lease has lapsed: the window that is being taken renews it."""
    later = world.now + LEASE + timedelta(seconds=1)
    with ThreadPoolExecutor(1) as others:
        with world.runtime.sessions.begin() as session:
            answer = ask(session, claim, later)
            assert answer is not None
            taking = others.submit(_claim, world, claim.edition_id, "second", later)
            with suppress(TimeoutError):
                taking.result(timeout=0.5)
            assert len(next_window(session, claim, answer, later).readers) == 2
        assert taking.result() is None


def _claim(world: World, edition: int, worker: str, now: datetime) -> Claim | None:
    with world.runtime.sessions.begin() as session:
        return claim_batch(session, edition, 0, worker, now)


def _statements_of(engine: Engine) -> list[str]:
    """What the engine is told from now on."""
    said: list[str] = []

    def note(*told: object) -> None:
        said.append(str(told[2]))

    event.listen(engine, "before_cursor_execute", note)
    return said
