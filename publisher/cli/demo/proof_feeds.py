"""Compares the feeds, as served and as a feed reader reads them, with what may leave."""

import json
from collections import Counter
from collections.abc import Callable, Mapping

import feedparser
from sqlmodel import Session, select

from publisher.cli.demo.visit import Page
from publisher.feeds.directory import list_feeds
from publisher.feeds.models import FeedKind
from publisher.feeds.paths import MEDIA_TYPES
from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleRow
from publisher.pages.links import Links
from publisher.store import Runtime


def feed_differences(runtime: Runtime, visit: Callable[[str], Page]) -> list[str]:
    """What each feed lacks or has too much, in sentences; empty where all is right."""
    with runtime.sessions.read() as session:
        statement = select(ArticleRow).where(leavable("feed", runtime.clock()))
        leaving = {f"urn:uuid:{row.uuid}": row for row in session.exec(statement)}
        documents = feed_documents(session, runtime.settings.base_url)
    sections = {None, *(row.section for row in leaving.values())}
    found = [
        f"There is no feed of {section or 'all stories'}."
        for section in sorted(sections - set(documents.values()), key=str)
    ]
    for url, section in documents.items():
        wanted = {
            entry: row.external_id
            for entry, row in leaving.items()
            if section is None or row.section == section
        }
        found += document_differences(url, visit(url), wanted)
    return found


def feed_documents(session: Session, base_url: str) -> dict[str, str | None]:
    """The documents of the site and of its sections, each with its section (None: all)."""
    links = Links(base_url)
    return {
        links.feed(feed.slug, fmt): feed.section
        for feed in list_feeds(session, FeedKind.SITE, FeedKind.SECTION)
        for fmt in MEDIA_TYPES
    }


def document_differences(url: str, page: Page, wanted: Mapping[str, str]) -> list[str]:
    """What one document has otherwise than `wanted`, the names of stories by their entry's id."""
    if page.status != 200:  # noqa: PLR2004 - as HTTP has it
        return [f"{url} answers {page.status}."]
    try:
        entries = Counter(_ids_in_json(page.body) if url.endswith(".json") else _ids(page.body))
    except ValueError as error:
        return [f"{url} cannot be read: {error}"]
    missing = [f"{url} lacks “{name}”." for entry, name in wanted.items() if entry not in entries]
    twice = [f"{url} has {entry} {count} times." for entry, count in entries.items() if count > 1]
    foreign = [
        f"{url} has {entry}, which may not leave." for entry in entries.keys() - wanted.keys()
    ]
    return [*missing, *twice, *sorted(foreign)]


def _ids(body: bytes) -> list[str]:
    """The ids of the entries; raises ValueError where a feed reader stumbles."""
    feed = feedparser.parse(body)
    if feed.bozo:
        raise ValueError(str(feed.bozo_exception))
    return [str(entry.get("id", "an entry without an id")) for entry in feed.entries]


def _ids_in_json(body: bytes) -> list[str]:
    """The same of a JSON Feed, which feedparser does not read."""
    return [str(item["id"]) for item in json.loads(body)["items"]]
