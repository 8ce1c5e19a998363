"""The values that every format is written from: an entry, the head of a feed, a tombstone."""

from dataclasses import dataclass
from datetime import datetime

from publisher.newsroom.incoming import Image


@dataclass(frozen=True, slots=True)
class Entry:
    """One story in a feed.

    Texts hold no character that XML cannot carry; addresses are absolute http(s); dates are aware
    UTC in whole seconds. `summary` is plain text, `content` is sanitised HTML; `is_whole`
    says whether it is the whole story or the summary; `rights` is the notice of its source.
    """

    id: str
    url: str
    title: str
    summary: str
    content: str
    language: str
    published_at: datetime
    updated_at: datetime
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    image: Image | None = None
    comments_url: str | None = None
    rights: str | None = None
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Deleted:
    """A tombstone (RFC 6721): this entry was here and must not be used any more."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """What a document says about the feed itself.

    `feed_url` is the document's own address, `current_url` that of the feed where the document is
    an archive of it, `prev_url` that of the next older archive (RFC 5005 §4).
    """

    id: str
    title: str
    site_name: str
    home_url: str
    feed_url: str
    language: str
    updated_at: datetime
    deleted: tuple[Deleted, ...] = ()
    hubs: tuple[str, ...] = ()
    prev_url: str | None = None
    current_url: str | None = None
