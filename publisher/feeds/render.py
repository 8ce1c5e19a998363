"""The documents of a feed from its stories; the same stories give the same bytes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from publisher.errors import RefusedError
from publisher.feeds.archive import NEWEST, fitting
from publisher.feeds.entry import Deleted, Entry, Head
from publisher.feeds.formats import FORMATS, Format
from publisher.feeds.fragments import Writer, Written
from publisher.feeds.models import FeedKind, FeedRow
from publisher.feeds.select import Selection, Story
from publisher.newsroom.models import ArticleRow
from publisher.pages.links import Links
from publisher.settings import Settings

DOCUMENT_BYTES = 1_000_000
ROOM = DOCUMENT_BYTES - 20_000  # of it for entries


@dataclass(frozen=True, slots=True)
class Place:
    """Which document of a feed it is: archive `number`, or the feed itself, which has none.

    `before` is the number of the next older archive; 0 where there is none.
    """

    number: int | None = None
    before: int = 0


THE_FEED = Place()


@dataclass(frozen=True, slots=True)
class Rendered:
    """Documents by the name of their format, how many entries each has, and what was left out."""

    documents: dict[str, bytes]
    entries: int
    left_out: tuple[str, ...]


def render_feed(feed: FeedRow, selection: Selection, site: Settings, writer: Writer) -> Rendered:
    """A feed without archives: the newest fifty that fit, the same in every format.

    A story that cannot be written is left out with a reason. Raises RefusedError where none can,
    or where a document does not pass the check: then the last good ones must stay up.
    """
    written, left_out = write_stories(feed, selection.stories[:NEWEST], writer)
    fit = fitting(sizes(written), ROOM)
    documents = render_documents(feed, written[:fit], selection.gone, site)
    return Rendered(documents, len(present(written[:fit])), tuple(left_out))


def write_stories(
    feed: FeedRow, stories: Sequence[Story], writer: Writer
) -> tuple[list[Written | None], list[str]]:
    """The stories' texts, as `Writer.write_all`; raises RefusedError where none can be written."""
    written, left_out = writer.write_all(stories, summary_only=feed.summary_only)
    if stories and not present(written):
        raise RefusedError(f"Not one story could be written. {left_out[0]}")
    return written, left_out


def sizes(written: Sequence[Written | None]) -> list[int]:
    """How many bytes each needs."""
    return [0 if one is None else one.size for one in written]


def present(written: Sequence[Written | None]) -> list[Written]:
    """Those that could be written."""
    return [one for one in written if one is not None]


def render_documents(
    feed: FeedRow,
    written: Sequence[Written | None],
    gone: Sequence[ArticleRow],
    site: Settings,
    place: Place = THE_FEED,
) -> dict[str, bytes]:
    """One document in every format, checked; raises RefusedError where one is not as meant."""
    entries = present(written)
    head = head_of(feed.uuid, _title(feed, site), gone, [one.entry for one in entries], site)
    head = replace(head, language=feed.language or site.language)
    return {
        fmt.name: checked(fmt, _placed(head, feed.slug, fmt, place, site), entries)
        for fmt in FORMATS
    }


def head_of(
    uuid: str,
    title: str,
    gone: Sequence[ArticleRow],
    entries: Sequence[Entry],
    site: Settings,
) -> Head:
    """The head of a feed of these entries, in the site's language and still without an address."""
    deleted = tuple(
        Deleted(f"urn:uuid:{article.uuid}", article.left_at.replace(microsecond=0))
        for article in gone
        if article.left_at is not None
    )
    changes = [entry.updated_at for entry in entries] + [gone.at for gone in deleted]
    return Head(
        id=f"urn:uuid:{uuid}",
        title=title,
        site_name=site.site_name,
        home_url=Links(site.base_url).home(),
        feed_url="",
        language=site.language,
        updated_at=max(changes, default=_minted_at(uuid)),
        deleted=deleted,
    )


def _title(feed: FeedRow, site: Settings) -> str:
    return site.site_name if feed.kind == FeedKind.SITE else f"{site.site_name}: {feed.title}"


def _placed(head: Head, slug: str, fmt: Format, place: Place, site: Settings) -> Head:
    """The head with the addresses that depend on the format; only a feed itself has hubs."""
    links = Links(site.base_url)
    feed_url = links.feed(slug, fmt.name)
    prev_url = links.feed_archive(slug, place.before, fmt.name) if place.before else None
    if place.number is None:
        return replace(head, feed_url=feed_url, prev_url=prev_url, hubs=site.hubs)
    archive_url = links.feed_archive(slug, place.number, fmt.name)
    return replace(head, feed_url=archive_url, prev_url=prev_url, current_url=feed_url)


def _minted_at(uuid: str) -> datetime:
    """The time a UUIDv7 was made: an empty feed has no other date that stays."""
    return datetime.fromtimestamp((UUID(uuid).int >> 80) // 1000, UTC)


def checked(fmt: Format, head: Head, written: Sequence[Written]) -> bytes:
    """The document, read back strictly; raises RefusedError where it is not what was meant."""
    document = fmt.document(head, [one.fragments[fmt.name] for one in written])
    found = fmt.seen(document)
    ids, dates = [one for one, _ in found], [date for _, date in found]
    if ids != [one.entry.id for one in written] or len(set(ids)) != len(ids):
        raise RefusedError(f"The {fmt.name} document has other entries than it should have.")
    if dates != sorted(dates, reverse=True):
        raise RefusedError(f"The {fmt.name} document is not in order, newest first.")
    if head.current_url is None and len(document) > DOCUMENT_BYTES:
        raise RefusedError(f"The {fmt.name} document is {len(document)} bytes long.")
    return document
