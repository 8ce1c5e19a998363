"""Everything stops in the middle of an edition; once it is up again, it goes on by itself."""

from collections.abc import Callable

import pytest
import redis

from publisher.editions.models import DeliveryState as State
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until

READERS = 150
IN_FLIGHT = 2


@pytest.fixture
def stopped(newsroom: LiveNewsroom) -> Callable[[Callable[[], None]], int]:
    """Stop a newsroom in a way of one's own while its edition is on its way; the edition."""

    def stop(by: Callable[[], None]) -> int:
        newsroom.newsletter("harbour", "quay")
        newsroom.world.readers(READERS, "harbour")
        newsroom.world.story("ferry", "quay")
        newsroom.mail.delay_s = 0.1
        newsroom.start()
        [edition] = newsroom.send("harbour")
        until("mails go out", lambda: len(newsroom.mail.messages) >= 5)
        by()
        newsroom.mail.delay_s = 0.0
        return edition

    return stop


def test_killed_with_all_its_messages_lost(
    newsroom: LiveNewsroom, stopped: Callable[[Callable[[], None]], int]
) -> None:
    edition = stopped(lambda: _kill_all(newsroom))
    _lose_the_messages(newsroom)
    assert 0 < len(newsroom.mail.messages) < READERS
    newsroom.start()
    assert _uncertain_in(newsroom, edition) <= IN_FLIGHT


def test_stopped_in_good_order(
    newsroom: LiveNewsroom, stopped: Callable[[Callable[[], None]], int]
) -> None:
    edition = stopped(newsroom.processes.stop)
    assert 0 < len(newsroom.mail.messages) < READERS
    newsroom.start()
    assert _uncertain_in(newsroom, edition) == 0


def _kill_all(newsroom: LiveNewsroom) -> None:
    newsroom.processes.kill("worker")
    newsroom.processes.kill("beat")


def _lose_the_messages(newsroom: LiveNewsroom) -> None:
    settings = newsroom.runtime.settings
    if settings.broker_url:
        with redis.Redis.from_url(settings.broker_url) as client:
            client.flushdb()
    for message in settings.queue_folder.glob("*.msg"):
        message.unlink()


def _uncertain_in(newsroom: LiveNewsroom, edition: int) -> int:
    """How many are uncertain, where all others have it once and the sums meet."""
    report = newsroom.ended(edition)
    uncertain = newsroom.who(edition, State.UNCERTAIN)
    got = newsroom.mail.recipients()
    assert report.adds_up
    assert report.accepted + report.uncertain == READERS
    assert len(got) == len(set(got))
    assert newsroom.who(edition, State.ACCEPTED) <= set(got)
    return len(uncertain)
