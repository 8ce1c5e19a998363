"""Atom 1.0 (RFC 4287), with media:content and tombstones (RFC 6721)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from publisher.feeds.entry import Entry, Head
from publisher.feeds.feedgen_repairs import (
    ATOM,
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

_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_NAMESPACES = {"at": _TOMBSTONES, "fh": HISTORY, "media": MEDIA}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def fragment(entry: Entry) -> bytes:
    """The entry as `<entry>`."""
    writer = entry_writer(entry, _EntryParts)
    writer.author([{"name": name} for name in entry.authors])
    writer.summary(entry.summary)
    writer.content(entry.content, type="html")
    return detached(writer.atom_entry(), "feed", _NAMESPACES)


def document(head: Head, fragments: Sequence[bytes]) -> bytes:
    """The whole document, newest entry first."""
    writer = feed_writer(head, _FeedParts)
    writer.author({"name": head.site_name})
    writer.link(href=head.feed_url, rel="self", type="application/atom+xml")
    writer.link(href=head.home_url, rel="alternate", type="text/html")
    return joined(styled(writer.atom_str(), head.home_url), fragments, b"</feed>")


def seen(text: bytes) -> list[tuple[str, datetime]]:
    """Id and date of each entry, in the order of a strict reading of the document."""
    names = {"atom": ATOM}
    return [
        (
            entry.findtext("atom:id", "", names),
            datetime.fromisoformat(entry.findtext("atom:published", "", names)),
        )
        for entry in parsed(text).iterfind("atom:entry", names)
    ]


def without(text: bytes, ids: Collection[str]) -> bytes:
    """The document less the entries of these ids."""
    return less(parsed(text), f"{{{ATOM}}}entry", f"{{{ATOM}}}id", ids)


class _FeedParts(BaseExtension):  # type: ignore[misc] # feedgen has no types
    head: Head

    def extend_ns(self) -> dict[str, str]:
        return _NAMESPACES

    def extend_atom(self, feed: Element) -> None:
        add_history(feed, self.head, "link", "application/atom+xml")
        for gone in self.head.deleted:
            tombstone = etree.SubElement(feed, f"{{{_TOMBSTONES}}}deleted-entry")
            tombstone.set("ref", gone.id)
            tombstone.set("when", gone.at.isoformat())


class _EntryParts(BaseEntryExtension):  # type: ignore[misc] # feedgen has no types
    entry: Entry

    def extend_atom(self, element: Element) -> None:
        """Links are added here: feedgen's own lose what kind of link they are."""
        element.set(_LANG, self.entry.language)
        _add_link(element, "alternate", self.entry.url)
        if self.entry.comments_url:
            _add_link(element, "replies", self.entry.comments_url)
        if self.entry.rights:
            etree.SubElement(element, "rights").text = self.entry.rights
        add_media(element, self.entry.image)


def _add_link(parent: Element, rel: str, href: str) -> None:
    etree.SubElement(parent, "link", rel=rel, type="text/html", href=href)
