"""Looking what is new in the watched folders, a little at every tick."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor
from publisher.errors import PublisherError
from publisher.newsroom.characters import one_line
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.receive import Terms, receive
from publisher.queue import wake
from publisher.sources.files import article_files, printable_name
from publisher.sources.models import SourceFileRow, SourceRow
from publisher.sources.readers import READERS, read_file
from publisher.sources.register import FOLDER
from publisher.store import Runtime

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=1)
LEASE = timedelta(minutes=1)  # made longer with every file
FLOOD = 50
FLOOD_FACTOR = 5
FLOOD_DAYS = 14
LONGEST_NAME = 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the folder shows it now; `name` is its path below the folder, in print."""

    path: Path
    name: str
    size: int
    mtime_ns: int
    is_baseline: bool = False

    @property
    def may_be_article(self) -> bool:
        """Whether there is a reader for its kind; pictures lie beside articles."""
        return self.path.suffix.lower() in READERS


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
    problem: str | None = "The last look was cut short; the next one goes on where it stopped."
    try:
        found = _look(Path(source.location))
        ready = _note(runtime, source, found) if isinstance(found, list) else []
        _take_all(runtime, source, ready)
        problem = found if isinstance(found, str) else None
    finally:
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
        session.add(source)


def _look(root: Path) -> list[Found] | str:
    """Every file with its size and time; or why the folder cannot be read."""
    try:
        next(root.iterdir(), None)
    except OSError as error:
        return (
            f"{root} cannot be read: {(error.strerror or str(error)).lower()}. Put the folder "
            "back, or let Publisher read it; nothing that came from it is lost."
        )
    return [found for path in article_files(root) for found in _found(path, root)]


def _found(path: Path, root: Path) -> Iterator[Found]:
    try:
        status = path.lstat()
    except OSError:
        return  # gone since it was listed
    name = printable_name(path.relative_to(root).as_posix())
    changed = max(status.st_mtime_ns, status.st_ctime_ns)  # a change of permissions counts, too
    yield Found(path, _name_that_fits(name), status.st_size, changed)


def _name_that_fits(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{name[: LONGEST_NAME - len(digest) - 1]}~{digest}"


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
                ready.append(replace(file, is_baseline=row.baseline))
        first_look = sa.update(SourceRow).where(col(SourceRow.slug) == source.slug)
        session.execute(first_look.values(baseline_done=True))
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


def _take_all(runtime: Runtime, source: SourceRow, ready: Sequence[Found]) -> None:
    wants_review = source.trust == "review"
    review = "Its source wants every story looked at first." if wants_review else None
    flood = review or _flood(runtime, source, ready)
    for file in ready:
        terms = Terms(file.is_baseline, review if file.is_baseline else flood)
        _take(runtime, source, file, terms)


def _flood(runtime: Runtime, source: SourceRow, ready: Sequence[Found]) -> str | None:
    """Why an editor must look at what comes in now; None where it is no more than usual."""
    coming = sum(file.may_be_article and not file.is_baseline for file in ready)
    if coming <= FLOOD or coming <= _flood_limit(runtime, source):
        return None
    return f"{coming} articles came at once. Release those that readers should get."


def _flood_limit(runtime: Runtime, source: SourceRow) -> float:
    """Five times what comes in on a day, by the last fortnight and without the baseline."""
    since = runtime.clock() - timedelta(days=FLOOD_DAYS)
    with runtime.sessions.read() as session:
        statement = select(sa.func.count()).where(
            ArticleRow.source == source.slug,
            col(ArticleRow.received_at) > since,
            col(ArticleRow.baseline).is_(False),
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
    by, now = Actor("source", source.slug), runtime.clock()
    try:
        with runtime.sessions.begin() as session:
            if isinstance(read, Incoming):
                problem = receive(session, read, by=by, now=now, terms=terms).problem
            else:
                problem = one_line(read.reason)
            _settle(session, file, problem, source=source.slug, now=now)
    except OperationalError:
        raise  # the store's trouble, not the file's: the next look reads it again
    except (SQLAlchemyError, PublisherError, ValueError, TypeError) as error:
        log.exception("%s of the source %s cannot be stored", file.name, source.slug)
        why = f"It cannot be stored ({type(error).__name__}). Tell whoever runs Publisher."
        with runtime.sessions.begin() as session:
            _settle(session, file, why, source=source.slug, now=now)


def _settle(
    session: Session, file: Found, problem: str | None, *, source: str, now: datetime
) -> None:
    """The file is dealt with; whoever polls has shown to be alive."""
    row = session.get_one(SourceFileRow, (source, file.name))
    row.taken, row.problem = True, problem
    session.add(row)
    alive = sa.update(SourceRow).where(col(SourceRow.slug) == source)
    session.execute(alive.values(claimed_until=now + LEASE))


def file_problems(session: Session, slug: str) -> Sequence[SourceFileRow]:
    """The files of a source that were not taken, with the reasons, by path."""
    statement = (
        select(SourceFileRow)
        .where(SourceFileRow.source == slug, col(SourceFileRow.problem).is_not(None))
        .order_by(col(SourceFileRow.path))
    )
    return session.exec(statement).all()
