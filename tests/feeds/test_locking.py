"""Transactions that want several feeds lock their rows in one order, so none waits for another."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from publisher.feeds.overdue import mark_overdue
from publisher.newsroom.receive import receive
from publisher.store import Runtime
from tests.feeds.samples import EDITOR, answer, bring, path, story


def test_a_story_that_makes_feeds_locks_all_of_them_in_one_order(runtime: Runtime) -> None:
    bring(runtime, story(), story("leuchtturm", language="de"))
    with runtime.sessions.begin() as session:
        new = story("mole", tags=("moles",), byline="Tom Reed")
        receive(session, new, by=EDITOR, now=runtime.clock())
    with _locked(runtime) as slugs:
        answer(runtime)
    assert {"_opml", "all", "author-tom-reed", "language-de", "tag-moles"} <= set(slugs)
    assert slugs == sorted(set(slugs))


def test_the_sweep_locks_what_it_makes_and_what_is_lost_in_one_order(runtime: Runtime) -> None:
    bring(runtime, story(), story("leuchtturm", language="de"))
    path(runtime, "atom").unlink()
    with runtime.sessions.begin() as session:
        session.execute(sa.text("UPDATE article SET section = 'moles'"))
    with _locked(runtime) as slugs, runtime.sessions.begin() as session:
        mark_overdue(session, runtime.settings.public_folder, runtime.clock())
    assert {"_opml", "all", "language-de", "moles"} <= set(slugs)
    assert slugs == sorted(set(slugs))


@contextmanager
def _locked(runtime: Runtime) -> Iterator[list[str]]:
    """Slugs of the feeds whose rows are written meanwhile, in that order."""
    slugs: list[str] = []

    def note(_connection: object, statement: Any, *_: object) -> None:
        if isinstance(statement, sa.sql.Update) and statement.table.name == "feed":
            slugs.append(statement.compile().params["slug_1"])

    engine = runtime.sessions.engine
    sa.event.listen(engine, "before_execute", note)
    try:
        yield slugs
    finally:
        sa.event.remove(engine, "before_execute", note)
