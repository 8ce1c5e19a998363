"""What runs beside the tasks, in threads of their process."""

import threading
import time

import pytest
from celery.signals import worker_process_shutdown

from tasks import process
from tasks.process import beside


def test_a_process_that_ends_lets_what_runs_beside_come_to_its_end() -> None:
    done = threading.Event()

    def bring() -> None:
        time.sleep(0.2)
        done.set()

    beside("a test's server", bring)
    worker_process_shutdown.send(sender=None, pid=1, exitcode=0)
    assert done.is_set()


def test_it_waits_for_no_server_that_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LAST_S", 0.05)
    answer, done = threading.Event(), threading.Event()

    def bring() -> None:
        answer.wait(30)
        done.set()

    beside("a slow test's server", bring)
    worker_process_shutdown.send(sender=None, pid=1, exitcode=0)
    assert not done.is_set()
    answer.set()
    assert done.wait(30)
