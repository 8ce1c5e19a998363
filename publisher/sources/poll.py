"""Looking what is new in the watched folders, a little at every tick."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.receive import Terms, receive
from publisher.queue import wake
from publisher.sources.files import SkippedFile, article_files
from publisher.sources.models import SourceFileRow, SourceRow
from publisher.sources.readers import read_file
from publisher.sources.register import FOLDER
from publisher.store import Runtime

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=1)
LEASE = timedelta(minutes=5)
FLOOD = 50
FLOOD_FACTOR = 5
FLOOD_DAYS = 14


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the folder shows it now."""

    path: Path
    name: str
    size: int
    mtime_ns: int


def due_sources(session: Session, now: datetime) -> None:
    """Wake the poll of every folder that nobody is looking at and that was not just looked at."""
    statement = select(SourceRow.slug).where(SourceRow.kind == FOLDER, _is_free(now))
    for slug in session.exec(statement).all():
        wake(session, "publisher.pickup.poll", source=slug)


def poll(runtime: Runtime, slug: str) -> int:
    """Take in the files that are whole and new or changed; returns how many were read.

    A file is whole when two looks in a row show the same size and time, so one that is still
    being written waits. What lay there at the first look is the baseline, if the source has one:
    in feeds, not mailed. A flood of new articles is held for an editor.
    """
    source = _claim(runtime, slug)
    if source is None:
        return 0
    try:
        found = _look(Path(source.location))
        ready = _note(runtime, source, found)
        problem = None
    except OSError as error:
        ready, problem = [], f"{source.location} cannot be read: {error.strerror}."
    terms = _terms(runtime, source, len(ready))
    for file in ready:
        _take(runtime, source, file, terms)
    _release(runtime, slug, problem)
    return len(ready)


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.or_(col(SourceRow.claimed_until).is_(None), col(SourceRow.claimed_until) <= now),
        sa.or_(col(SourceRow.polled_at).is_(None), col(SourceRow.polled_at) <= now - EVERY),
    )


def _claim(runtime: Runtime, slug: str) -> SourceRow | None:
    now = runtime.clock()
    statement = (
        sa.update(SourceRow)
        .where(col(SourceRow.slug) == slug, _is_free(now))
        .values(claimed_until=now + LEASE)
    )
    with runtime.sessions.begin() as session:
        if session.connection().execute(statement).rowcount != 1:
            return None
        return session.get(SourceRow, slug)


def _release(runtime: Runtime, slug: str, problem: str | None) -> None:
    with runtime.sessions.begin() as session:
        source = session.get_one(SourceRow, slug)
        source.claimed_until = None
        source.polled_at = runtime.clock()
        source.problem = problem
        source.baseline_done = source.baseline_done or problem is None
        session.add(source)


def _look(root: Path) -> list[Found]:
    """Every article file with its size and time; raises OSError where the folder is gone."""
    next(root.iterdir(), None)
    found = []
    for path in article_files(root):
        try:
            status = path.lstat()
        except OSError:
            continue  # gone since it was listed
        name = path.relative_to(root).as_posix()
        printable = name.encode("utf-8", "backslashreplace").decode()
        found.append(Found(path, printable, status.st_size, status.st_mtime_ns))
    return found


def _note(runtime: Runtime, source: SourceRow, found: Iterable[Found]) -> list[Found]:
    """Write down what was seen; returns the files that were seen like this before and not read."""
    ready = []
    with runtime.sessions.begin() as session:
        statement = select(SourceFileRow).where(SourceFileRow.source == source.slug)
        known = {row.path: row for row in session.exec(statement)}
        for file in found:
            row = known.get(file.name)
            if row is None or (row.size, row.mtime_ns) != (file.size, file.mtime_ns):
                session.add(_seen(source, file, row))
            elif not row.taken:
                ready.append(file)
    return ready


def _seen(source: SourceRow, file: Found, row: SourceFileRow | None) -> SourceFileRow:
    if row is None:
        row = SourceFileRow(
            source=source.slug,
            path=file.name,
            size=file.size,
            mtime_ns=file.mtime_ns,
            baseline=not source.baseline_done,
        )
    row.size, row.mtime_ns, row.taken, row.problem = file.size, file.mtime_ns, False, None
    return row


def _terms(runtime: Runtime, source: SourceRow, coming: int) -> Terms:
    """Whether an editor must look at what comes in now."""
    if source.trust == "review":
        return Terms(review="Its source wants every story looked at first.")
    if coming > FLOOD and source.baseline_done and coming > _flood_limit(runtime, source):
        return Terms(
            review=f"{coming} articles came at once. Release those that readers should get."
        )
    return Terms()


def _flood_limit(runtime: Runtime, source: SourceRow) -> float:
    """Five times what comes in on a day, by the last fortnight."""
    since = runtime.clock() - timedelta(days=FLOOD_DAYS)
    with runtime.sessions.read() as session:
        statement = select(sa.func.count()).where(
            ArticleRow.source == source.slug, col(ArticleRow.received_at) > since
        )
        return FLOOD_FACTOR * session.exec(statement).one() / FLOOD_DAYS


def _take(runtime: Runtime, source: SourceRow, file: Found, terms: Terms) -> None:
    """Read one file in a transaction of its own, so that it harms no other."""
    read = read_file(
        file.path,
        source=source.slug,
        root=Path(source.location),
        language=source.language,
        zone=ZoneInfo(source.zone),
    )
    with runtime.sessions.begin() as session:
        row = session.get_one(SourceFileRow, (source.slug, file.name))
        row.taken = True
        if isinstance(read, SkippedFile):
            row.problem = read.reason
            log.info("%s is left alone: %s", file.path, read.reason)
        else:
            row.problem = read.problem
            by = Actor("source", source.slug)
            here = Terms(baseline=row.baseline, review=terms.review)
            receive(session, read, by=by, now=runtime.clock(), terms=here)
        session.add(row)


def file_problems(session: Session, slug: str) -> Sequence[SourceFileRow]:
    """The files of a source that were not taken, with the reasons, by path."""
    statement = (
        select(SourceFileRow)
        .where(SourceFileRow.source == slug, col(SourceFileRow.problem).is_not(None))
        .order_by(col(SourceFileRow.path))
    )
    return session.exec(statement).all()
