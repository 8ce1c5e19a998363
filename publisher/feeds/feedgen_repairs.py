"""feedgen with what it gets wrong in general put right; `rss` and `atom` repair the rest.

feedgen writes a feed of no entries, and each entry on its own; a document is the first with the
others set in. So one entry that cannot be written harms no other.
"""

from collections.abc import Collection, Mapping, Sequence
from email.utils import format_datetime
from typing import Any

import feedgen.entry
import feedgen.feed
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from publisher.feeds.entry import Entry, Head
from publisher.newsroom.incoming import Image

# feedgen's own sets the locale of the whole process for each date it writes.
feedgen.entry.formatRFC2822 = format_datetime
feedgen.feed.formatRFC2822 = format_datetime

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
_PLAIN = {name: {"type": "plain"} for name in ("title", "description")}
_STRICT = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)

Element = etree._Element  # noqa: SLF001 - lxml has no public name for its elements
EntryWriter = Any  # feedgen has no types
FeedWriter = Any


def feed_writer(head: Head, extension: type[BaseExtension]) -> FeedWriter:
    """A writer of a feed without entries; what both formats share is set.

    The extension finds the head as `.head`.
    """
    writer = feedgen.feed.FeedGenerator()
    writer.register_extension("house", extension)
    writer.house.head = head
    writer.id(head.id)
    writer.title(head.title)
    writer.language(head.language)
    writer.updated(head.updated_at)
    writer.generator("Publisher")
    return writer


def entry_writer(entry: Entry, extension: type[BaseEntryExtension]) -> EntryWriter:
    """A writer of one entry, which the extension finds as `.entry`."""
    writer = feedgen.entry.FeedEntry()
    writer.register_extension("house", extension)
    writer.house.entry = entry
    writer.id(entry.id)
    writer.title(entry.title)
    writer.published(entry.published_at)
    writer.updated(entry.updated_at)
    writer.category([{"term": name, "label": name} for name in entry.categories])
    return writer


def detached(element: Element, root: str, namespaces: Mapping[str, str]) -> bytes:
    """The element's text as it reads below a root that declares the namespaces."""
    shell = etree.Element(root, nsmap=dict(namespaces))
    opening = etree.tostring(shell).removesuffix(b"/>") + b">"
    shell.append(element)
    text: bytes = etree.tostring(shell, encoding="UTF-8")
    return text.removeprefix(opening).removesuffix(f"</{root}>".encode())


def joined(document: bytes, fragments: Sequence[bytes], closing: bytes) -> bytes:
    """The document with the fragments set in before its last `closing`."""
    start, _, end = document.rpartition(closing)
    return b"\n".join([start, *fragments, closing + end + b"\n"])


def add_history(parent: Element, head: Head, link: str, media_type: str) -> None:
    """Where hubs and older entries are (WebSub §4, RFC 5005 §4), each a `link` of that name."""
    if head.current_url:
        etree.SubElement(parent, f"{{{HISTORY}}}archive")
    links = [("hub", hub) for hub in head.hubs]
    links += [("current", head.current_url or ""), ("prev-archive", head.prev_url or "")]
    for rel, href in links:
        if href:
            element = etree.SubElement(parent, link, rel=rel, href=href)
            if rel != "hub":
                element.set("type", media_type)


def add_media(parent: Element, image: Image | None) -> None:
    """The picture in Media RSS, with its caption, what it shows, and who made it."""
    if image is None:
        return
    content = etree.SubElement(parent, f"{{{MEDIA}}}content", url=image.url, medium="image")
    for name, pixels in (("width", image.width), ("height", image.height)):
        if pixels:
            content.set(name, str(pixels))
    words = (
        ("title", image.caption),
        ("description", image.alt or image.caption),
        ("credit", image.credit),
    )
    for name, text in words:
        if text:
            etree.SubElement(content, f"{{{MEDIA}}}{name}", _PLAIN.get(name)).text = text


def less(root: Element, entries: str, entry_id: str, ids: Collection[str]) -> bytes:
    """The document without those of its `entries` (a path) whose `entry_id` is one of these."""
    for entry in root.findall(entries):
        parent = entry.getparent()
        if parent is not None and entry.findtext(entry_id) in ids:
            parent.remove(entry)
    text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"


def parsed(document: bytes) -> Element:
    """The root of a document read strictly; raises lxml's XMLSyntaxError."""
    return etree.fromstring(document, _STRICT)
