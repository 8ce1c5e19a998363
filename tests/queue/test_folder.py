"""The embedded broker's folder: a reader never meets half a message."""

import threading
import time
from contextlib import suppress

import pytest
from kombu import Connection, Consumer, Queue
from kombu.message import Message

from publisher import queue
from publisher.store import Runtime
from tests.stories.waiting import until

TASK = "publisher.newsroom.lift"
_PATIENCE_S = 10.0
_LONG_S = 30.0  # between two looks


def test_what_is_no_message_is_passed_over_and_goes(runtime: Runtime) -> None:
    broken = runtime.settings.queue_folder / "-cut-short.pages.msg"
    broken.write_text('{"body": "', encoding="utf-8")
    queue.wake_now(TASK)
    assert _take(1) == [TASK]
    assert not broken.exists()


def test_a_reader_that_is_always_there_gets_every_message_once(runtime: Runtime) -> None:
    writers = [threading.Thread(target=_write, args=(50,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    taken = _take(150)
    for writer in writers:
        writer.join()
    assert taken == [TASK] * 150
    assert list(runtime.settings.queue_folder.glob("*.msg*")) == []


def test_a_folder_that_takes_nothing_costs_only_the_hint(runtime: Runtime) -> None:
    folder = runtime.settings.queue_folder
    folder.rename(folder.with_name("away"))
    folder.touch()
    assert not queue.wake_now(TASK)


def test_a_process_that_is_done_need_not_wait_for_the_next_look(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_LOOK_UP_S", _LONG_S)
    _write(2)
    met: list[Message] = []
    with queue.app.connection_for_read() as connection:
        connection.transport.polling_interval = _LONG_S
        waiting = threading.Thread(target=_meet, args=(connection, met), daemon=True)
        waiting.start()
        until("the first one comes", lambda: len(met) == 1, _PATIENCE_S)
        time.sleep(0.1)  # it has looked for the second one, and waits
        met[0].ack()
        until("the second one comes", lambda: len(met) == 2, _PATIENCE_S)
        met[1].ack()
        waiting.join()


def _meet(connection: Connection, met: list[Message]) -> None:
    """Take two messages, one at a time, acknowledging neither."""
    with Consumer(connection, [Queue(queue.PAGES)], on_message=met.append) as consumer:
        consumer.qos(prefetch_count=1)
        while len(met) < 2:
            with suppress(TimeoutError):
                connection.drain_events(timeout=_LONG_S)


def _write(count: int) -> None:
    for _ in range(count):
        queue.wake_now(TASK)


def _take(count: int) -> list[str]:
    """The tasks of the next messages, up to so many."""
    taken: list[str] = []
    with queue.app.connection_for_read() as connection:
        for _ in range(50_000):
            message = connection.default_channel.basic_get(queue.PAGES, no_ack=True)
            if message is not None:
                taken.append(message.headers["task"])
            if len(taken) == count:
                break
    return taken
