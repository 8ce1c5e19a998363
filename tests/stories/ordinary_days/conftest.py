"""One newsroom on each stack, up for all the journeys of an ordinary day."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.services.runtimes import point_queue_at
from tests.services.smtp import SmtpServer
from tests.stories.conftest import EMBEDDED, SERVERS, OpenStack
from tests.stories.live import LiveNewsroom


@pytest.fixture(scope="package", params=[EMBEDDED, SERVERS])
def town(
    request: pytest.FixtureRequest, open_stack: OpenStack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveNewsroom]:
    """The newsroom, its worker and its beat; ends with a look at their logs."""
    with ExitStack() as until_the_end:
        home = tmp_path_factory.mktemp("town") / "home"
        stack = until_the_end.enter_context(open_stack(request.param, home))
        mail = SmtpServer()
        mail.start()
        until_the_end.callback(mail.stop)
        town = LiveNewsroom(home, stack, mail)
        until_the_end.callback(town.close)
        town.start()
        yield town
        assert town.tracebacks() == []


@pytest.fixture
def newsroom(town: LiveNewsroom) -> LiveNewsroom:
    """The newsroom that is up, for this test: use sections and names of its own."""
    town.mail.delay_s = 0.0
    point_queue_at(town.runtime.settings)
    return town
