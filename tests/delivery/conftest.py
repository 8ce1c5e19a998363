"""A newsroom whose mail goes to a real SMTP server that keeps it."""

from collections.abc import Iterator

import pytest

from publisher.store import Runtime
from tests.services.smtp import SmtpServer
from tests.world import World


@pytest.fixture
def world(runtime: Runtime, smtp_server: SmtpServer) -> Iterator[World]:
    """The newsroom; what it mails stands in `smtp_server.messages`."""
    settings = runtime.settings.model_copy(
        update={
            "smtp_host": smtp_server.host,
            "smtp_port": smtp_server.port,
            "smtp_timeout": 5.0,
            "smtp_connections": 1,
        }
    )
    world = World(Runtime(settings, runtime.sessions, runtime.clock))
    yield world
    world.carrier.hang_up()
