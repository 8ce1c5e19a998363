"""All feeds in one file that feed readers import (OPML 2.0)."""

from collections.abc import Sequence
from itertools import groupby

from lxml import etree
from sqlmodel import Session

from publisher.feeds.directory import readable_feeds
from publisher.feeds.feedgen_repairs import Element
from publisher.feeds.models import FeedKind, FeedRow
from publisher.pages.links import Links
from publisher.settings import Settings

_GROUPS = {
    FeedKind.SECTION: "Sections",
    FeedKind.LANGUAGE: "Languages",
    FeedKind.NEWSLETTER: "Newsletters",
    FeedKind.AUTHOR: "Authors",
    FeedKind.TAG: "Tags",
}


def opml(session: Session, site: Settings) -> bytes:
    """Every feed that readers are told of, each once and as RSS, which all readers know."""
    return render_opml(readable_feeds(session), site)


def render_opml(feeds: Sequence[FeedRow], site: Settings) -> bytes:
    """The document of these feeds, which come ordered by kind."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = site.site_name
    etree.SubElement(head, "docs").text = "https://opml.org/spec2.opml"
    body = etree.SubElement(root, "body")
    for kind, members in groupby(feeds, key=lambda feed: feed.kind):
        parent = body
        if kind in _GROUPS:
            parent = etree.SubElement(body, "outline", text=_GROUPS[kind])
        for feed in members:
            _add(parent, feed, site)
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document + b"\n"


def _add(parent: Element, feed: FeedRow, site: Settings) -> None:
    links = Links(site.base_url)
    title = site.site_name if feed.kind == FeedKind.SITE else feed.title
    etree.SubElement(
        parent,
        "outline",
        type="rss",
        text=title,
        title=title,
        xmlUrl=links.feed(feed.slug, "rss"),
        htmlUrl=links.home(),
        language=feed.language or site.language,
    )
