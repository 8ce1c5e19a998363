"""The tasks of WebSub: they hand work over, and a copy of a store has none."""

import threading
from collections.abc import Callable, Iterator

import pytest

from publisher.delivery.environment import confirm_here, settle_here
from publisher.delivery.models import EnvironmentRow
from publisher.store import Runtime
from tasks import process, websub
from tests.feeds.samples import EDITOR, bring
from tests.feeds.subscribers import hub_of, news, subscribed
from tests.services.listener import Listener, listening


@pytest.fixture
def reader() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def hub(runtime: Runtime, reader: Listener, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """The runtime of this process: its own hub, with something to bring to one subscriber."""
    made = hub_of(runtime)
    monkeypatch.setattr(websub, "runtime", lambda: made)
    bring(made, news())
    subscribed(made, reader)
    bring(made, news("goal"))
    return made


def test_a_copy_of_a_store_brings_nothing(
    hub: Runtime, reader: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websub, "beside", _at_once)
    with hub.sessions.begin() as session:
        assert settle_here(session, hub.settings, hub.clock()) == ""
        session.get_one(EnvironmentRow, 1).fingerprint = "sqlite 1 elsewhere"
    websub.push()
    assert reader.seen == []
    with hub.sessions.begin() as session:
        confirm_here(session, hub.settings, by=EDITOR, now=hub.clock())
    websub.push()
    assert [seen.method for seen in reader.seen] == ["POST"]


def test_work_that_waits_for_a_server_does_not_hold_up_its_task(
    caplog: pytest.LogCaptureFixture,
) -> None:
    held, done = threading.Event(), threading.Event()
    process.beside("a slow server", lambda: held.wait(60))
    process.beside("another server", _fail)
    process.beside("another server", done.set)
    assert done.wait(60)  # neither the slow one nor the one that failed is in its way
    assert "another server" in caplog.text
    held.set()


def _at_once(servers: str, work: Callable[[], object], **_: int) -> None:
    work()


def _fail() -> None:
    raise ValueError("what nobody expected")
