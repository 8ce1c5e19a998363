"""`kill -9` of a worker and all its processes: the next one completes the edition by itself."""

from collections import Counter
from collections.abc import Callable

import pytest

from publisher.editions.models import DeliveryState as State
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until

HALF = 110
ALL = 2 * HALF
PROCESSES = 2  # of the worker
IN_FLIGHT = 2  # on a connection, at most


@pytest.fixture
def readers(newsroom: LiveNewsroom) -> list[str]:
    """Readers in two variants, so that two processes send at the same time."""
    newsroom.newsletter("harbour", "quay", "hills")
    for section in ("quay", "hills"):
        newsroom.world.story(f"news-of-{section}", section)
    return [
        newsroom.world.reader(f"{section}{n:03}", "harbour", sections=(section,))
        for section in ("quay", "hills")
        for n in range(HALF)
    ]


@pytest.mark.parametrize("lines", [1, 4])
def test_killed_in_the_middle_of_an_edition(
    newsroom: LiveNewsroom, readers: list[str], lines: int
) -> None:
    newsroom.use_lines(lines)
    newsroom.mail.delay_s = 0.02 * lines
    edition = _begin(newsroom)
    until("a third is accepted", lambda: len(newsroom.mail.messages) >= ALL // 3)
    connections = _kill(newsroom)
    assert 0.2 <= len(newsroom.mail.messages) / ALL <= 0.8
    _complete(newsroom, edition, readers, connections)


def test_killed_before_the_first_mail_was_accepted(
    newsroom: LiveNewsroom, readers: list[str]
) -> None:
    newsroom.mail.delay_s = 60.0
    edition = _begin(newsroom)
    until("both processes offer a mail", _both_offer(newsroom))
    connections = _kill(newsroom)
    assert newsroom.mail.messages == []
    _complete(newsroom, edition, readers, connections)


def test_killed_when_the_last_mail_was_accepted(newsroom: LiveNewsroom, readers: list[str]) -> None:
    edition = _begin(newsroom)
    until("all are accepted", lambda: len(newsroom.mail.messages) == ALL)
    _complete(newsroom, edition, readers, _kill(newsroom))


def _begin(newsroom: LiveNewsroom) -> int:
    newsroom.start()
    [edition] = newsroom.send("harbour")
    return edition


def _both_offer(newsroom: LiveNewsroom) -> Callable[[], bool]:
    journals = newsroom.runtime.settings.journal_folder
    return lambda: sum(one.stat().st_size > 0 for one in journals.iterdir()) == PROCESSES


def _kill(newsroom: LiveNewsroom) -> int:
    """End the worker; how many connections it had open. From here on, mail is quick again."""
    newsroom.processes.kill("worker")
    newsroom.mail.delay_s = 0.0
    return newsroom.mail.connections


def _complete(newsroom: LiveNewsroom, edition: int, readers: list[str], connections: int) -> None:
    """A new worker, left to itself: nobody is missing, nobody has it twice, the sums meet."""
    newsroom.start("worker")
    report = newsroom.ended(edition)
    uncertain = newsroom.who(edition, State.UNCERTAIN)
    copies = Counter(newsroom.mail.recipients())

    assert report.adds_up
    assert report.accepted + report.uncertain == report.matched == ALL
    assert set(readers) - set(copies) <= uncertain
    assert newsroom.who(edition, State.ACCEPTED) <= set(copies)
    assert set(copies.values()) == {1}
    assert report.uncertain <= IN_FLIGHT * connections
