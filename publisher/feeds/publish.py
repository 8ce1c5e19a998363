"""Builds feeds: claim the row, write and check the documents, put them up, record it.

A feed says which number it wants and which it was built from. Who builds holds a lease; who lost
it (because it took too long) puts nothing up.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.feeds.assemble import Archive, Build, assemble
from publisher.feeds.claims import Claim, claim_feed, finish, free_feeds, give_up
from publisher.feeds.directory import BY_STORIES, OPML, want
from publisher.feeds.fragments import writer_for
from publisher.feeds.models import FeedArchiveRow, FeedEntryRow, FeedKind, FeedRow
from publisher.feeds.overdue import mark_overdue
from publisher.feeds.partners.notice import wake_overdue
from publisher.feeds.strike import behind, struck
from publisher.feeds.swap import Staged, stage
from publisher.feeds.websub.announce import announce, announce_overdue
from publisher.queue import wake
from publisher.store import Runtime

log = logging.getLogger(__name__)

_PROBLEM_LENGTH = 2000


def build(runtime: Runtime, slug: str) -> bool:
    """Bring the feed's documents up to date.

    False where there is nothing to do, somebody else is at it, or it failed: then the last good
    documents stay up, the row says why, and soon it may be tried again.
    """
    claim = claim_feed(runtime, slug)
    if claim is None:
        return False
    try:
        ready = _ready(runtime, claim.feed)
        is_up = _put_up(runtime, claim, ready)
    except Exception as error:
        log.exception("feed %s not built", slug)
        if give_up(runtime, claim, f"Not built: {error}"[:_PROBLEM_LENGTH]):
            _strike(runtime, claim.feed)
        return False
    if is_up and _is_listed_otherwise(claim.feed, ready.build):
        with runtime.sessions.begin() as session:
            want(session, [OPML])
    return is_up


def build_due(runtime: Runtime) -> int:
    """Build every feed that is behind, or whose files are missing here; returns how many builds."""
    with runtime.sessions.begin() as session:
        mark_overdue(session, runtime.settings.public_folder, runtime.clock())
        announce_overdue(session, runtime.settings, runtime.clock())
        wake_overdue(session, runtime.clock())
    done = 0
    while built := sum(build(runtime, slug) for slug in free_feeds(runtime)):
        done += built
    return done


def _strike(runtime: Runtime, feed: FeedRow) -> None:
    """Take out of what stays up what may not be shown any more; nobody else builds meanwhile."""
    if feed.kind in {FeedKind.SITEMAP, FeedKind.OPML}:
        return
    settings, now = runtime.settings, runtime.clock()
    try:
        with runtime.sessions.begin() as session:
            known = session.get_one(FeedRow, feed.slug)
            rows: list[FeedRow | FeedArchiveRow] = [known, *behind(session, feed.slug, now)]
            for row in rows:
                documents = struck(session, settings.public_folder, row, now)
                if documents:
                    changed_at = _staged(runtime, documents).swap(now, row.changed_at)
                    row.changed_at = changed_at or row.changed_at
    except Exception:
        log.exception("feed %s may show stories that are gone", feed.slug)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A build whose documents lie beside those that are up."""

    build: Build
    files: Staged
    archives: tuple[tuple[Archive, Staged], ...]

    def discard(self) -> None:
        for files in (self.files, *(files for _, files in self.archives)):
            files.discard()


def _is_listed_otherwise(before: FeedRow, made: Build) -> bool:
    is_come_or_gone = before.kind in BY_STORIES and bool(before.entries) != bool(made.entries)
    return is_come_or_gone or made.title is not None


def _ready(runtime: Runtime, feed: FeedRow) -> _Ready:
    settings = runtime.settings
    with runtime.sessions.read() as session:
        made = assemble(session, feed, settings, writer_for(settings), runtime.clock())
    archives = tuple((one, _staged(runtime, one.documents)) for one in made.archives)
    return _Ready(made, _staged(runtime, made.documents), archives)


def _staged(runtime: Runtime, documents: Mapping[str, bytes]) -> Staged:
    """Documents of one folder, by their path, written beside those that are up."""
    paths = {PurePosixPath(path): document for path, document in documents.items()}
    [folder] = {path.parent for path in paths}
    by_name = {path.name: document for path, document in paths.items()}
    return stage(runtime.settings.public_folder / folder, by_name)


def _put_up(runtime: Runtime, claim: Claim, ready: _Ready) -> bool:
    """Exchange the files while holding the row, so that two builders never do it in turns.

    Archives go first: a story that moves to one is for a moment in both places, never in none.
    """
    with runtime.sessions.begin() as session:
        feed = finish(session, claim, claimed_until=None, **_outcome(claim, ready.build))
        if feed is None:
            ready.discard()
            return False
        is_news = feed.wanted_event > claim.wanted
        changes = [feed.changed_at]
        for archive, files in ready.archives:
            row = _recorded(session, feed.slug, archive, is_news=is_news)
            row.changed_at = files.swap(runtime.clock(), row.changed_at) or row.changed_at
            changes.append(row.changed_at)
        changes.append(ready.files.swap(runtime.clock(), feed.changed_at))
        feed.changed_at = max(filter(None, changes), default=None)
        if feed.kind not in {FeedKind.SITEMAP, FeedKind.OPML}:
            announce(session, runtime.settings, feed.slug, runtime.clock())
        if not ready.build.is_whole:
            want(session, [feed.slug])
        elif is_news:
            wake(session, "publisher.feeds.build", slug=feed.slug)
    return True


def _outcome(claim: Claim, made: Build) -> dict[str, object]:
    renamed = {} if made.title is None else {"title": made.title}
    return {
        **renamed,
        "built_event": claim.wanted,
        "entries": made.entries,
        "due_at": made.due_at,
        "problem": "\n".join(made.left_out)[:_PROBLEM_LENGTH] or None,
    }


def _recorded(session: Session, slug: str, archive: Archive, *, is_news: bool) -> FeedArchiveRow:
    """The archive's row, written.

    Where there is news of the feed meanwhile, it may be of a story that is only now archived: a
    new archive is then written again.
    """
    if not archive.sealed:
        row = session.get_one(FeedArchiveRow, (slug, archive.number))
        row.built = archive.built
        return row
    row = FeedArchiveRow(slug=slug, number=archive.number, wanted=1, built=0 if is_news else 1)
    session.add(row)
    session.execute(
        sa.update(FeedEntryRow)
        .where(
            col(FeedEntryRow.slug) == slug,
            col(FeedEntryRow.article_id).in_(archive.sealed),
            col(FeedEntryRow.archive).is_(None),
        )
        .values(archive=archive.number)
    )
    return row
