"""Workers are asked to stop and started anew, again and again, while an edition is on its way."""

import pytest

from publisher.editions.models import DeliveryState as State
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until

READERS = 300
RESTARTS = 3


@pytest.fixture
def readers(newsroom: LiveNewsroom) -> list[str]:
    """Readers in four variants, so that there is always a batch to be had."""
    sections = ("quay", "hills", "town", "sport")
    newsroom.newsletter("harbour", *sections)
    for section in sections:
        newsroom.world.story(f"news-of-{section}", section)
    return [
        newsroom.world.reader(f"{sections[n % 4]}{n:03}", "harbour", sections=(sections[n % 4],))
        for n in range(READERS)
    ]


def test_nobody_is_missed_or_mailed_twice_by_restarts_under_load(
    newsroom: LiveNewsroom, readers: list[str]
) -> None:
    newsroom.mail.delay_s = 0.3
    newsroom.start()
    [edition] = newsroom.send("harbour")
    for restart in range(RESTARTS):
        seen = len(newsroom.mail.messages)
        until("mails go out", lambda before=seen: len(newsroom.mail.messages) >= before + 10)
        assert len(newsroom.mail.messages) < READERS, f"all was sent before restart {restart}"
        newsroom.processes.end("worker")
        newsroom.start("worker")
    newsroom.mail.delay_s = 0.0

    report = newsroom.ended(edition)
    assert report.adds_up
    assert (report.accepted, report.uncertain) == (READERS, 0)
    assert sorted(newsroom.mail.recipients()) == sorted(readers)
    assert newsroom.who(edition, State.ACCEPTED) == set(readers)
