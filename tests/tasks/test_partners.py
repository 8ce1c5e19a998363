"""The task of partners: it brings what waits, and a copy of a store brings nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from publisher.delivery.environment import confirm_here, settle_here
from publisher.delivery.models import EnvironmentRow
from publisher.feeds.partners.endpoint import set_push
from publisher.store import Runtime
from tasks import partners
from tests.feeds.partners import partner
from tests.feeds.samples import EDITOR, bring
from tests.feeds.subscribers import news
from tests.services.listener import Listener, listening


@pytest.fixture
def server() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def pushing(runtime: Runtime, server: Listener, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """The runtime of this process, with a story to bring to one partner."""
    settings = runtime.settings.model_copy(update={"private_networks": "127.0.0.0/8"})
    made = replace(runtime, settings=settings)
    monkeypatch.setattr(partners, "runtime", lambda: made)
    monkeypatch.setattr(partners, "beside", _at_once)
    partner(made)
    with made.sessions.begin() as session:
        ours = settings.open_networks
        set_push(session, "post", server.url, ours=ours, by=EDITOR, now=made.clock())
    bring(made, news())
    return made


def test_a_copy_of_a_store_brings_nothing(pushing: Runtime, server: Listener) -> None:
    with pushing.sessions.begin() as session:
        assert settle_here(session, pushing.settings, pushing.clock()) == ""
        session.get_one(EnvironmentRow, 1).fingerprint = "sqlite 1 elsewhere"
    partners.push("post")
    assert server.seen == []
    with pushing.sessions.begin() as session:
        confirm_here(session, pushing.settings, by=EDITOR, now=pushing.clock())
    partners.push("post")
    assert [seen.method for seen in server.seen] == ["POST"]


def _at_once(_: str, work: Callable[[], object]) -> None:
    work()
