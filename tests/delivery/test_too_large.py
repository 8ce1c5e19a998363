"""An edition that is larger than the mail server takes is nobody's refusal."""

from publisher.editions.models import EditionState
from publisher.store import Runtime
from tests.delivery.relays import mailing, newsroom_of
from tests.mail.wire import wire


def test_it_is_paused_and_blames_no_reader(runtime: Runtime) -> None:
    newsroom = newsroom_of(runtime, 5)
    with (
        wire(features=("PIPELINING", "SIZE 2000")) as server,
        mailing(newsroom, smtp_host="127.0.0.1", smtp_port=server.port) as world,
    ):
        edition = world.digest()
        world.send_all(edition)

    report = world.report(edition)
    assert (report.queued, report.refused) == (5, 0)
    assert world.row(edition).state == EditionState.PAUSED
    assert "2000" in (world.row(edition).reason or "")
