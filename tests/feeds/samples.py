"""Stories of The Harbour Record for the tests of feeds, and the acts they share."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli
import feedparser
from sqlmodel import Session

from publisher.accounts.actor import Actor
from publisher.feeds.entry import Entry, Head
from publisher.feeds.models import FeedRow
from publisher.feeds.publish import build_due
from publisher.feeds.react import react
from publisher.newsroom.events import take, unanswered
from publisher.newsroom.find import find_article
from publisher.newsroom.incoming import Comments, Image, Incoming
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.receive import receive
from publisher.store import Runtime

EDITOR = Actor("editor", "Ines")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8000"
DECODE = {"gzip": gzip.decompress, "br": brotli.decompress}
_PREV = {
    "rss": re.compile(rb'rel="prev-archive" href="http://127.0.0.1:8000/([^"]*)"'),
    "atom": re.compile(rb'rel="prev-archive" href="http://127.0.0.1:8000/([^"]*)"'),
    "json": re.compile(rb'"next_url":"http://127.0.0.1:8000/([^"]*)"'),
}


def story(external_id: str = "lights", **changes: Any) -> Incoming:
    """A story as a source hands it in, with whole rights unless told otherwise."""
    fields = {
        "title": "Harbour lights return to Port Ellery",
        "paragraphs": ("The lamps were lit again on Monday.", "Crews worked for a week."),
        "body_html": "<p>The lamps were lit again on Monday.</p>\n<p>Crews worked for a week.</p>",
        "section": "harbour",
        "section_name": "Harbour",
        "byline": "Mara Quill",
        "tags": ("lamps", "quays & piers"),
        "rights_status": "full",
        "image": Image("https://pics.example/lamp.jpg?w=8&h=6", "A lamp", "HBR", "At dusk", 8, 6),
        "comments": Comments(open=True, url="https://talk.example/lights?a=1&b=2"),
    }
    return Incoming(source="desk", external_id=external_id, **{**fields, **changes})


def bring(runtime: Runtime, *stories: Incoming) -> None:
    """Take the stories in and have the feeds follow."""
    with runtime.sessions.begin() as session:
        for one in stories:
            receive(session, one, by=EDITOR, now=runtime.clock())
    follow(runtime)


def follow(runtime: Runtime) -> None:
    """What the queue would do: answer the news, then build what is behind."""
    answer(runtime)
    build_due(runtime)


def answer(runtime: Runtime) -> None:
    """Let the feeds react to every event they have not answered."""
    now = runtime.clock()
    with runtime.sessions.begin() as session:
        for event_id in unanswered(session, before=now + timedelta(seconds=1)):
            event = take(session, event_id, "feeds", now)
            if event is not None:
                react(session, event, now)


def article(session: Session, external_id: str = "lights") -> ArticleRow:
    return find_article(session, external_id, lock=True)


def feed_row(runtime: Runtime, slug: str = "all") -> FeedRow:
    with runtime.sessions.read() as session:
        row = session.get(FeedRow, slug)
        assert row is not None
        return row


def document(runtime: Runtime, fmt: str, slug: str = "all") -> bytes:
    return path(runtime, fmt, slug).read_bytes()


def path(runtime: Runtime, fmt: str, slug: str = "all") -> Path:
    return runtime.settings.public_folder / "feeds" / f"{slug}.{fmt}"


def walk(runtime: Runtime, fmt: str, slug: str = "all") -> list[bytes]:
    """The feed and its archives, the newest first, found by the links from one to the next."""
    texts = [document(runtime, fmt, slug)]
    while found := _PREV[fmt].search(texts[-1]):
        texts.append((runtime.settings.public_folder / found[1].decode()).read_bytes())
    return texts


def titles(text: bytes, fmt: str) -> list[str]:
    return [one["title"] for one in read(text, fmt)]


def read(text: bytes, fmt: str) -> list[dict[str, Any]]:
    """The entries as an independent reader sees them, in one shape for all formats."""
    if fmt == "json":
        return [_from_json(item) for item in json.loads(text)["items"]]
    parsed = feedparser.parse(text, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.bozo_exception
    return [_from_xml(entry) for entry in parsed.entries]


def _from_json(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": item["id"],
        "link": item["url"],
        "title": item["title"],
        "content": item["content_html"],
        "published": datetime.fromisoformat(item["date_published"]),
        "updated": datetime.fromisoformat(item["date_modified"]),
        "authors": [one["name"] for one in item.get("authors", [])],
        "categories": item.get("tags", []),
        "image": item.get("image"),
    }


def _from_xml(entry: Any) -> dict[str, Any]:
    assert not [link for link in entry.links if link.rel == "enclosure"]
    media = entry.get("media_content", [])
    return {
        "id": entry.id,
        "link": entry.link,
        "title": entry.title,
        "content": entry.content[0].value,
        "published": datetime(*entry.published_parsed[:6], tzinfo=UTC),
        "updated": datetime(*entry.updated_parsed[:6], tzinfo=UTC),
        "authors": [one["name"] for one in entry.get("authors", [])],
        "categories": [tag.term for tag in entry.get("tags", [])],
        "image": media[0]["url"] if media else None,
    }


def entry(number: int = 1, **changes: Any) -> Entry:
    """An entry that went out `number` hours before noon."""
    at = NOON - timedelta(hours=number)
    fields = {
        "id": f"urn:uuid:01957f00-0000-7000-8000-{number:012d}",
        "url": f"{ADDRESS}/articles/{number}/harbour-lights",
        "title": f"Harbour lights, part {number}",
        "summary": "The lamps were lit again.",
        "content": "<p>The lamps were lit again.</p>",
        "language": "en",
        "published_at": at,
        "updated_at": at + timedelta(minutes=5),
        "authors": ("Mara Quill",),
        "categories": ("Harbour", "quays & piers"),
        "image": Image("https://pics.example/lamp.jpg?w=8&h=6", "A lamp", "HBR", None, 8, 6),
        "comments_url": "https://talk.example/lights?a=1&b=2",
    }
    return Entry(**{**fields, **changes})


def head(fmt: str = "rss", **changes: Any) -> Head:
    fields = {
        "id": "urn:uuid:01957f00-0000-7000-8000-ffffffffffff",
        "title": "The Harbour Record",
        "site_name": "The Harbour Record",
        "home_url": f"{ADDRESS}/",
        "feed_url": f"{ADDRESS}/feeds/all.{fmt}",
        "language": "en",
        "updated_at": NOON,
    }
    return Head(**{**fields, **changes})
