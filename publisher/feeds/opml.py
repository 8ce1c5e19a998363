"""All feeds in one file that feed readers import (OPML 2.0)."""

from collections.abc import Sequence
from itertools import groupby

from lxml import etree
from sqlmodel import Session

from publisher.feeds.directory import list_feeds
from publisher.feeds.feedgen_repairs import Element
from publisher.feeds.models import FeedKind, FeedRow
from publisher.pages.links import Links
from publisher.settings import Settings

BY_STORIES = frozenset({FeedKind.AUTHOR, FeedKind.TAG})
_GROUPS = {
    FeedKind.SECTION: "Sections",
    FeedKind.LANGUAGE: "Languages",
    FeedKind.NEWSLETTER: "Newsletters",
    FeedKind.AUTHOR: "Authors",
    FeedKind.TAG: "Tags",
}


def opml(session: Session, site: Settings) -> bytes:
    """Every feed, each once and as RSS, which all readers know.

    An author or a tag of which nothing is out any more is not named: it may have been a mistake.
    """
    feeds = [feed for feed in list_feeds(session) if feed.entries or feed.kind not in BY_STORIES]
    return render_opml(feeds, site)


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
