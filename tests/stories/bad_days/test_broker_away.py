"""The broker goes away and comes back: readers notice nothing, and nothing is forgotten."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from publisher.audience.tokens import Tokens
from publisher.editions.models import BatchRow, BatchState
from publisher.store import utc_now
from tests.services.redis import start_redis
from tests.services.runtimes import point_queue_at
from tests.services.smtp import SmtpServer
from tests.stories.conftest import EMBEDDED, SERVERS, OpenStack
from tests.stories.live import LiveNewsroom
from tests.stories.waiting import until

PATIENCE_S = 3.0  # a second, on a busy machine
READERS = 120
PROCESSES = 2  # of the worker


class FolderBroker:
    """The embedded broker's folder; away, there is something else in its place."""

    url = ""

    def __init__(self, home: Path) -> None:
        self._folder = home / "queue"

    def go(self) -> None:
        self._folder.rename(self._folder.with_name("queue-away"))
        self._folder.touch()

    def come_back(self) -> None:
        self._folder.unlink()
        self._folder.with_name("queue-away").rename(self._folder)

    def end(self) -> None:
        """Goes with the home folder."""


class RedisBroker:
    """A Redis server of the test's own."""

    def __init__(self) -> None:
        self.server, self.url = start_redis()

    def go(self) -> None:
        self.server.stop()

    def hang(self) -> None:
        self.server.process.send_signal(signal.SIGSTOP)

    def come_back(self) -> None:
        self.server, self.url = start_redis(self.url)

    def end(self) -> None:
        if self.server.running():
            self.server.process.send_signal(signal.SIGCONT)
            self.server.stop()


@pytest.fixture(params=[EMBEDDED, SERVERS])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FolderBroker | RedisBroker]:
    """A broker that can be taken away."""
    broker = FolderBroker(tmp_path / "home") if request.param == EMBEDDED else RedisBroker()
    yield broker
    broker.end()


@pytest.fixture
def newsroom(
    broker: FolderBroker | RedisBroker,
    open_stack: OpenStack,
    tmp_path: Path,
    smtp_server: SmtpServer,
) -> Iterator[LiveNewsroom]:
    """A newsroom on that broker."""
    kind = SERVERS if broker.url else EMBEDDED
    with ExitStack() as until_the_end:
        stack = until_the_end.enter_context(open_stack(kind, tmp_path / "home", broker.url))
        newsroom = LiveNewsroom(tmp_path / "home", stack, smtp_server)
        until_the_end.callback(newsroom.abandon)
        point_queue_at(newsroom.runtime.settings)
        yield newsroom


def test_who_subscribes_meanwhile_is_answered_at_once_and_asked_by_mail_afterwards(
    newsroom: LiveNewsroom, broker: FolderBroker | RedisBroker
) -> None:
    newsroom.newsletter("harbour", "quay")
    newsroom.start()
    _subscribe(newsroom, "before@reader.example")
    until("a letter comes", lambda: newsroom.mails_to("before@reader.example"))

    broker.go()
    assert _subscribe(newsroom, "meanwhile@reader.example") < PATIENCE_S
    broker.come_back()

    until("the letter comes", lambda: newsroom.mails_to("meanwhile@reader.example"))
    assert newsroom.processes.ended() is None
    assert len(newsroom.mail.messages) == 2


def test_an_edition_on_its_way_goes_on_meanwhile_and_the_next_one_follows(
    newsroom: LiveNewsroom, broker: FolderBroker | RedisBroker
) -> None:
    readers = _keep_every_process_busy(newsroom)
    newsroom.mail.delay_s = 0.1
    newsroom.start()
    [edition] = newsroom.send("harbour")
    until("every process sends", lambda: _being_sent(newsroom) == PROCESSES)
    until("mails go out", lambda: len(newsroom.mail.messages) >= 5)

    broker.go()
    until("all have it", lambda: len(newsroom.mail.messages) == READERS)
    broker.come_back()

    newsroom.mail.delay_s = 0.0
    assert newsroom.ended(edition).accepted == READERS
    newsroom.world.story("next", "quay")
    assert newsroom.ended(*newsroom.send("harbour")).accepted == READERS // 2
    assert set(newsroom.mail.recipients()) == set(readers)


@pytest.mark.parametrize("broker", [SERVERS], indirect=True)
def test_a_broker_that_does_not_answer_keeps_nobody_waiting(
    newsroom: LiveNewsroom, broker: RedisBroker
) -> None:
    newsroom.newsletter("harbour", "quay")
    _subscribe(newsroom, "before@reader.example")
    broker.hang()
    assert _subscribe(newsroom, "meanwhile@reader.example") < PATIENCE_S


def _keep_every_process_busy(newsroom: LiveNewsroom) -> list[str]:
    """Readers of two variants, one for each process of the worker."""
    newsroom.newsletter("harbour", "quay", "hills")
    for section in ("quay", "hills"):
        newsroom.world.story(f"news-of-{section}", section)
    return [
        newsroom.world.reader(f"{section}{n:03}", "harbour", sections=(section,))
        for section in ("quay", "hills")
        for n in range(READERS // 2)
    ]


def _being_sent(newsroom: LiveNewsroom) -> int:
    """How many batches a process has: what a process has not taken waits for the broker."""
    sending = col(BatchRow.state) == BatchState.SENDING
    with newsroom.runtime.sessions.read() as session:
        return len(session.exec(select(BatchRow.no).where(sending)).all())


def _subscribe(newsroom: LiveNewsroom, address: str) -> float:
    """Send the form as somebody who took their time; how many seconds the answer took."""
    shown = Tokens(newsroom.world.secret).form(utc_now() - timedelta(minutes=1))
    with newsroom.web() as browser:
        began = time.monotonic()
        answer = browser.post(
            "/newsletters",
            data={"form": shown, "address": address, "newsletter": "harbour"},
            timeout=60,
        )
        took = time.monotonic() - began
    assert answer.status_code == 303
    return took
