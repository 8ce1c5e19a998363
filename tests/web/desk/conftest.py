"""The desk of The Harbour Record, with an editor at it."""

from collections.abc import Iterator

import httpx
import pytest

from publisher.store import Runtime
from tests.services.smtp import SmtpServer
from tests.web.desk.visit import Desk
from tests.world import World


@pytest.fixture
def desk(client: httpx.Client, world: World) -> Desk:
    """An editor who came in by a link."""
    return Desk(client, world)


@pytest.fixture
def sender(runtime: Runtime, smtp_server: SmtpServer) -> Iterator[World]:
    """The same newsroom, whose mail goes to a real server."""
    update = {"smtp_host": smtp_server.host, "smtp_port": smtp_server.port, "smtp_timeout": 5.0}
    settings = runtime.settings.model_copy(update=update)
    world = World(Runtime(settings, runtime.sessions, runtime.clock))
    yield world
    world.carrier.hang_up()
