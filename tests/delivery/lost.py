"""A worker that is gone between the server's 250 and our record."""

from collections.abc import Callable

import pytest

from publisher.delivery.journal import Journal
from publisher.delivery.send import send_batch
from tests.world import World


class WorkerLostError(BaseException):
    """Stands for `kill -9`: nothing of ours may catch it."""


def send_until_lost(world: World, edition: int, *, after: int) -> None:
    """Send; after so many messages the worker is gone before it writes the next answer down."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "answered", _lost_after(after))
        with pytest.raises(WorkerLostError):
            send_batch(world.carrier, edition, 0)
    world.carrier.hang_up()


def _lost_after(answers: int) -> Callable[[Journal, int, int | None], None]:
    """The journal's `answered`, in a worker that is lost when it would write one more."""
    write = Journal.answered
    seen = 0

    def answered(journal: Journal, subscriber_id: int, code: int | None) -> None:
        nonlocal seen
        if seen == answers:
            raise WorkerLostError
        seen += 1
        write(journal, subscriber_id, code)

    return answered
