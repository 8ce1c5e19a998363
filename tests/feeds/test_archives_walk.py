"""Whatever happens to stories, a walk through the archives finds each that is out exactly once."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from publisher.errors import RefusedError
from publisher.feeds.publish import build, build_due
from publisher.newsroom import acts
from publisher.newsroom.models import ArticleRow, ArticleState
from publisher.newsroom.receive import receive
from publisher.settings import load_settings
from publisher.store import Runtime, open_runtime
from tests.feeds.archives import FORMATS, make_small, numbered
from tests.feeds.samples import EDITOR, answer, article, read, walk
from tests.services.runtimes import SECRET_KEY, Clock, point_queue_at

WITH_REASON = ("correct", "kill", "hold", "withdraw", "restore")
deeds = st.sampled_from(
    ["publish", "publish", "publish", "publish late", "rewrite", "release", *WITH_REASON]
)
some_days = st.lists(st.tuples(deeds, st.integers(0, 99)), min_size=6, max_size=30)


@given(day=some_days)
@settings(max_examples=10)
def test_each_story_that_is_out_is_found_once_and_no_other(
    migrated_sqlite: Path, day: list[tuple[str, int]]
) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch, _newsroom(migrated_sqlite, clock) as runtime:
        make_small(patch)
        build_due(runtime)
        known = 0
        for deed, which in day:
            clock.advance(minutes=10)
            known += _do(runtime, deed, which, known)
            answer(runtime)
            while build(runtime, "all"):
                pass
            _assert_each_once(runtime)


def _do(runtime: Runtime, deed: str, which: int, known: int) -> int:
    """Do it to one of the stories that are `known`; how many more there are then."""
    now = runtime.clock()
    with runtime.sessions.begin() as session:
        if deed.startswith("publish"):
            late = timedelta(days=which) if deed == "publish late" else timedelta(0)
            receive(session, numbered(known, published_at=now - late), by=EDITOR, now=now)
            return 1
        if known:
            with suppress(RefusedError):  # the state table says no before anything is written
                _change(session, deed, which % known, now)
    return 0


def _change(session: Session, deed: str, number: int, now: datetime) -> None:
    row = article(session, f"s{number}")
    if deed == "rewrite":
        receive(session, numbered(number, title=f"Again {now:%H:%M}"), by=EDITOR, now=now)
    elif deed == "release":
        acts.release(session, row, by=EDITOR, now=now)
    else:
        getattr(acts, deed)(session, row, "It has to be.", by=EDITOR, now=now)


def _assert_each_once(runtime: Runtime) -> None:
    with runtime.sessions.read() as session:
        statement = select(ArticleRow).where(ArticleRow.state == ArticleState.PUBLISHED)
        out = sorted(f"urn:uuid:{row.uuid}" for row in session.exec(statement))
    for fmt in FORMATS:
        documents = [read(text, fmt) for text in walk(runtime, fmt)]
        found = sorted(entry["id"] for entries in documents for entry in entries)
        assert found == out, fmt


@contextmanager
def _newsroom(migrated: Path, clock: Clock) -> Iterator[Runtime]:
    """A newsroom of this example's own."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(migrated, Path(folder, "publisher.db"))
        settings_ = load_settings(home=Path(folder), secret_key=SECRET_KEY)
        runtime = open_runtime(settings_, clock, clock.pause)
        point_queue_at(runtime.settings)
        yield runtime
        runtime.sessions.close()
