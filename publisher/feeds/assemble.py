"""Everything one build of a feed puts up: the feed, archives to begin, archives to write again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.errors import RefusedError
from publisher.feeds.archive import A_BUILD, ARCHIVED, MOST_OPEN, NEWEST, chunks, share
from publisher.feeds.fragments import Writer
from publisher.feeds.models import FeedArchiveRow, FeedKind, FeedRow
from publisher.feeds.opml import opml
from publisher.feeds.paths import NEWS_SITEMAP, OPML, archive_path, feed_path
from publisher.feeds.render import (
    ROOM,
    Place,
    present,
    render_documents,
    render_feed,
    sizes,
    write_stories,
)
from publisher.feeds.select import (
    Story,
    archived,
    count_current,
    newest_current,
    oldest_current,
)
from publisher.feeds.sitemap import news_sitemap
from publisher.feeds.strike import struck
from publisher.feeds.titles import current_title
from publisher.settings import Settings

_MOST_TRIED = 10 * A_BUILD  # archives of a build, where many cannot be written


@dataclass(frozen=True, slots=True)
class Archive:
    """Documents of an archive by their path; `built` is the number they were wanted by.

    `sealed` are the articles that are in no archive until this one is up; none when it is written
    again.
    """

    number: int
    documents: dict[str, bytes]
    built: int = 1
    sealed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """What goes up together. `is_whole` is false where another build has to go on with archives.

    `documents` are by path; `due_at` is when they are out of date though nothing happens; `title`
    is what the feed is called from now on, where that is something else.
    """

    documents: dict[str, bytes]
    entries: int
    left_out: tuple[str, ...] = ()
    archives: tuple[Archive, ...] = ()
    is_whole: bool = True
    due_at: datetime | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """What every step of a build needs."""

    session: Session
    feed: FeedRow
    site: Settings
    writer: Writer
    now: datetime
    left_out: list[str] = field(default_factory=list)


def assemble(
    session: Session, feed: FeedRow, site: Settings, writer: Writer, now: datetime
) -> Build:
    """The documents as the rows have them now; RefusedError where they are not right."""
    if feed.kind == FeedKind.SITEMAP:
        made = news_sitemap(session, site, now)
        return Build({NEWS_SITEMAP: made.document}, made.entries, due_at=made.due_at)
    if feed.kind == FeedKind.OPML:
        return Build({OPML: opml(session, site)}, 0)
    work = _Work(session, feed, site, writer, now)
    return _with_archives(work) if feed.kind in ARCHIVED else _newest(work)


def _newest(work: _Work) -> Build:
    feed = work.feed
    selection = newest_current(work.session, feed.slug, work.now, most=NEWEST)
    title = _renamed(work, selection.stories)
    made = render_feed(feed, selection, work.site, work.writer)
    return Build(_by_path(feed, made.documents), made.entries, made.left_out, title=title)


def _with_archives(work: _Work) -> Build:
    slug, now = work.feed.slug, work.now
    total = count_current(work.session, slug, now)
    selection = newest_current(work.session, slug, now, most=MOST_OPEN)
    title = _renamed(work, selection.stories)
    written, left_out = write_stories(work.feed, selection.stories, work.writer)
    work.left_out.extend(left_out)
    shared = share(sizes(written), max(total, len(written)), ROOM)
    shown = written[: shared.shown]
    newest = _newest_number(work)
    begun = _begun(work, shared.sealed, selection.stories[: shared.shown], newest + 1)
    again, is_all = _again(work)
    documents = render_documents(
        work.feed, shown, selection.gone, work.site, Place(None, newest + len(begun))
    )
    return Build(
        _by_path(work.feed, documents),
        len(present(shown)),
        tuple(dict.fromkeys(work.left_out)),
        (*again, *begun),
        is_whole=is_all and shared.shown + shared.sealed >= total,
        title=title,
    )


def _renamed(work: _Work, stories: Sequence[Story]) -> str | None:
    """The feed's new name, which its documents then have; None where it keeps the one it has."""
    title = current_title(work.session, work.feed, stories)
    if title == work.feed.title:
        return None
    work.feed.title = title
    return title


def _begun(work: _Work, sealed: int, shown: Sequence[Story], number: int) -> list[Archive]:
    """New archives of the oldest stories that are in none, numbered from `number` on."""
    if not sealed:
        return []
    here = {article.id for article, _ in shown}
    oldest = oldest_current(work.session, work.feed.slug, work.now, most=sealed)
    stories = [story for story in oldest if story[0].id not in here]
    written, left_out = work.writer.write_all(stories, summary_only=work.feed.summary_only)
    work.left_out.extend(left_out)
    begun = []
    for places in chunks(sizes(written), ROOM):
        texts = [written[place] for place in reversed(places)]
        place = Place(number, number - 1)
        documents = render_documents(work.feed, texts, [], work.site, place)
        ids = tuple(stories[place][0].id or 0 for place in places)
        begun.append(Archive(number, _by_path(work.feed, documents, number), 1, ids))
        number += 1
    return begun


def _again(work: _Work) -> tuple[list[Archive], bool]:
    """Archives whose stories have changed since, and whether these are all of them.

    What is wrong with one harms neither the others nor the feed.
    """
    statement = (
        select(FeedArchiveRow)
        .where(
            FeedArchiveRow.slug == work.feed.slug,
            col(FeedArchiveRow.built) < col(FeedArchiveRow.wanted),
        )
        .order_by(col(FeedArchiveRow.number).desc())
        .limit(_MOST_TRIED)
    )
    rows = work.session.exec(statement).all()
    found: list[Archive] = []
    old: list[Archive] = []
    tried = 0
    for row in rows:
        if len(found) == A_BUILD:
            break
        tried += 1
        try:
            found.append(_rewritten(work, row))
        except RefusedError as error:
            work.left_out.append(f"Archive {row.number} not built: {error}")
            old += _struck(work, row)
    return found + old, tried == len(rows) or not found


def _rewritten(work: _Work, row: FeedArchiveRow) -> Archive:
    selection = archived(work.session, row.slug, row.number, work.now)
    written, left_out = write_stories(work.feed, selection.stories, work.writer)
    work.left_out.extend(left_out)
    place = Place(row.number, row.number - 1)
    documents = render_documents(work.feed, written, selection.gone, work.site, place)
    return Archive(row.number, _by_path(work.feed, documents, row.number), row.wanted)


def _struck(work: _Work, row: FeedArchiveRow) -> list[Archive]:
    """The archive as it is up, less what may not be shown any more; none if it loses nothing."""
    documents = struck(work.session, work.site.public_folder, row, work.now)
    return [Archive(row.number, documents, row.built)] if documents else []


def _newest_number(work: _Work) -> int:
    statement = sa.select(sa.func.max(col(FeedArchiveRow.number))).where(
        col(FeedArchiveRow.slug) == work.feed.slug
    )
    return work.session.execute(statement).scalar() or 0


def _by_path(
    feed: FeedRow, documents: dict[str, bytes], number: int | None = None
) -> dict[str, bytes]:
    return {
        feed_path(feed.slug, fmt) if number is None else archive_path(feed.slug, number, fmt): text
        for fmt, text in documents.items()
    }
