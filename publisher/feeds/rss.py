"""RSS 2.0, with content:encoded, dc:creator, media:content and atom:updated."""

from collections.abc import Collection, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import escape

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from publisher.feeds.entry import Entry, Head
from publisher.feeds.feedgen_repairs import (
    ATOM,
    CONTENT,
    DC,
    HISTORY,
    MEDIA,
    Element,
    add_history,
    add_media,
    detached,
    entry_writer,
    feed_writer,
    joined,
    less,
    parsed,
)
from publisher.feeds.style import styled

MINUTES_BETWEEN_VISITS = 5
_OURS = {"dc": DC, "fh": HISTORY, "media": MEDIA}
_NAMESPACES = {**_OURS, "atom": ATOM, "content": CONTENT}


def fragment(entry: Entry) -> bytes:
    """The entry as `<item>`."""
    writer = entry_writer(entry, _Item)
    writer.link(href=entry.url)
    writer.description(escape(entry.summary, quote=False), isSummary=True)  # RSS reads it as HTML
    writer.content(entry.content, type="CDATA")
    writer.comments(entry.comments_url)
    return detached(writer.rss_entry(), "rss", _NAMESPACES)


def document(head: Head, fragments: Sequence[bytes]) -> bytes:
    """The whole document, newest entry first."""
    writer = feed_writer(head, _Channel)
    writer.description(head.title)
    writer.ttl(MINUTES_BETWEEN_VISITS)
    writer.link(href=head.feed_url, rel="self", type="application/rss+xml")
    writer.link(href=head.home_url, rel="alternate")  # the last one becomes the channel's link
    return joined(styled(writer.rss_str(), head.home_url), fragments, b"</channel>")


def seen(text: bytes) -> list[tuple[str, datetime]]:
    """Id and date of each item, in the order of a strict reading of the document."""
    return [
        (item.findtext("guid", ""), parsedate_to_datetime(item.findtext("pubDate", "")))
        for item in parsed(text).iterfind("channel/item")
    ]


def without(text: bytes, ids: Collection[str]) -> bytes:
    """The document less the items of these ids."""
    return less(parsed(text), "channel/item", "guid", ids)


class _Channel(BaseExtension):  # type: ignore[misc] # feedgen has no types
    head: Head

    def extend_ns(self) -> dict[str, str]:
        return _OURS

    def extend_rss(self, root: Element) -> None:
        """Links that feedgen does not know."""
        add_history(root[0], self.head, f"{{{ATOM}}}link", "application/rss+xml")


class _Item(BaseEntryExtension):  # type: ignore[misc] # feedgen has no types
    entry: Entry

    def extend_rss(self, item: Element) -> None:
        for author in self.entry.authors:
            etree.SubElement(item, f"{{{DC}}}creator").text = author
        etree.SubElement(item, f"{{{DC}}}language").text = self.entry.language
        if self.entry.rights:
            etree.SubElement(item, f"{{{DC}}}rights").text = self.entry.rights
        updated = etree.SubElement(item, f"{{{ATOM}}}updated")
        updated.text = self.entry.updated_at.isoformat()
        add_media(item, self.entry.image)
