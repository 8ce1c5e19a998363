"""From a selection to checked documents in every format. Pure: same input, same bytes."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from uuid import UUID

from jinja2 import Environment

from publisher.errors import RefusedError
from publisher.feeds.compose import entry_of
from publisher.feeds.entry import Deleted, Entry, Head
from publisher.feeds.formats import FORMATS, Format
from publisher.feeds.models import FeedRow
from publisher.feeds.select import Selection
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.pages.links import Links
from publisher.settings import Settings

log = logging.getLogger(__name__)

DOCUMENT_BYTES = 1_000_000
_HEAD_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """Documents by the name of their format, how many entries each has, and what was left out."""

    documents: dict[str, bytes]
    entries: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    entry: Entry
    fragments: dict[str, bytes]


def render_feed(feed: FeedRow, selection: Selection, site: Settings, env: Environment) -> Rendered:
    """The feed in every format, each with the same entries.

    A story that cannot be written is left out with a reason. Raises RefusedError where none can,
    or where a document does not pass the check: then the last good ones must stay up.
    """
    links = Links(site.base_url)
    written, left_out = _write_all(selection.stories, links, env)
    if selection.stories and not written:
        raise RefusedError(f"Not one story could be written. {left_out[0]}")
    fitting = written[: _fit(written)]
    head = _head(feed, selection, [one.entry for one in fitting], site)
    documents = {
        fmt.name: _checked(fmt, replace(head, feed_url=links.feed(feed.slug, fmt.name)), fitting)
        for fmt in FORMATS
    }
    return Rendered(documents, len(fitting), tuple(left_out))


def _write_all(
    stories: Sequence[tuple[ArticleRow, ArticleVersionRow]], links: Links, env: Environment
) -> tuple[list[_Written], list[str]]:
    written: list[_Written] = []
    left_out: list[str] = []
    for article, version in stories:
        try:
            written.append(_write(entry_of(article, version, links=links, env=env)))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one harms no other
            reason = f"Left out: “{version.title}” ({article.uuid}): {error}"
            log.warning("%s", reason.encode(errors="replace").decode())
            left_out.append(reason)
    return written, left_out


def _write(entry: Entry) -> _Written:
    return _Written(entry, {fmt.name: fmt.fragment(entry) for fmt in FORMATS})


def _fit(written: Sequence[_Written]) -> int:
    """How many entries, from the newest on, fit into a document of every format."""
    room = DOCUMENT_BYTES - _HEAD_BYTES
    sizes = [max(len(fragment) + 2 for fragment in one.fragments.values()) for one in written]
    return sum(size <= room for size in accumulate(sizes))


def _head(feed: FeedRow, selection: Selection, entries: Sequence[Entry], site: Settings) -> Head:
    deleted = tuple(
        Deleted(f"urn:uuid:{article.uuid}", article.left_at.replace(microsecond=0))
        for article in selection.gone
        if article.left_at is not None
    )
    changes = [entry.updated_at for entry in entries] + [gone.at for gone in deleted]
    return Head(
        id=f"urn:uuid:{feed.uuid}",
        title=site.site_name if feed.section is None else f"{site.site_name}: {feed.title}",
        site_name=site.site_name,
        home_url=Links(site.base_url).home(),
        feed_url="",
        language=site.language,
        updated_at=max(changes, default=_minted_at(feed.uuid)),
        deleted=deleted,
    )


def _minted_at(uuid: str) -> datetime:
    """The time a UUIDv7 was made: an empty feed has no other date that stays."""
    return datetime.fromtimestamp((UUID(uuid).int >> 80) // 1000, UTC)


def _checked(fmt: Format, head: Head, written: Sequence[_Written]) -> bytes:
    """The document, read back strictly; raises RefusedError where it is not what was meant."""
    document = fmt.document(head, [one.fragments[fmt.name] for one in written])
    found = fmt.seen(document)
    ids, dates = [one for one, _ in found], [date for _, date in found]
    if ids != [one.entry.id for one in written] or len(set(ids)) != len(ids):
        raise RefusedError(f"The {fmt.name} document has other entries than it should have.")
    if dates != sorted(dates, reverse=True):
        raise RefusedError(f"The {fmt.name} document is not in order, newest first.")
    if len(document) > DOCUMENT_BYTES:
        raise RefusedError(f"The {fmt.name} document is {len(document)} bytes long.")
    return document
