"""Work is woken after the commit, and only then."""

from pathlib import Path

from sqlmodel import Session

from publisher.queue import wake
from publisher.store import Runtime

TASK = "publisher.feeds.build"


def test_a_hint_is_sent_when_the_transaction_commits(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        wake(session, TASK, feed_id=1)
        before = _hints(runtime)
    assert (len(before), len(_hints(runtime))) == (0, 1)


def test_the_same_hint_twice_in_a_transaction_is_sent_once(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        wake(session, TASK, feed_id=1)
        wake(session, TASK, feed_id=1)
    assert len(_hints(runtime)) == 1


def test_a_transaction_rolled_back_wakes_nobody(runtime: Runtime) -> None:
    with Session(runtime.sessions.engine) as session:
        wake(session, TASK, feed_id=1)
        session.connection()
        session.rollback()
        session.commit()
    assert _hints(runtime) == []


def test_a_savepoint_does_not_send_what_the_transaction_may_still_undo(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        wake(session, TASK, feed_id=1)
        with session.begin_nested():
            wake(session, TASK, feed_id=2)
        before = _hints(runtime)
    assert (len(before), len(_hints(runtime))) == (0, 2)


def test_a_session_used_again_sends_each_hint_once(runtime: Runtime) -> None:
    with Session(runtime.sessions.engine) as session:
        for feed_id in (1, 2):
            wake(session, TASK, feed_id=feed_id)
            session.connection()
            session.commit()
    assert len(_hints(runtime)) == 2


def _hints(runtime: Runtime) -> list[Path]:
    return list(runtime.settings.queue_folder.glob("*.msg"))
