"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from publisher.feeds.entry import Entry, Head

VERSION = "https://jsonfeed.org/version/1.1"
_ABOUT_TOMBSTONES = "https://www.rfc-editor.org/rfc/rfc6721"


def fragment(entry: Entry) -> bytes:
    """The entry as an item."""
    item = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.content,
        "image": entry.image.url if entry.image else None,
        "date_published": entry.published_at.isoformat(),
        "date_modified": entry.updated_at.isoformat(),
        "authors": [{"name": name} for name in entry.authors],
        "tags": list(entry.categories),
        "language": entry.language,
    }
    return _text({name: value for name, value in item.items() if value})


def document(head: Head, fragments: Sequence[bytes]) -> bytes:
    """The whole document, newest entry first."""
    feed = {
        "version": VERSION,
        "title": head.title,
        "home_page_url": head.home_url,
        "feed_url": head.feed_url,
        "next_url": head.prev_url,
        "authors": [{"name": head.site_name}],
        "language": head.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in head.hubs],
        "_tombstones": _tombstones(head),
    }
    opening = _text({name: value for name, value in feed.items() if value}).removesuffix(b"}")
    return opening + b',"items":[\n' + b",\n".join(fragments) + b"\n]}\n"


def _tombstones(head: Head) -> dict[str, Any]:
    """An extension of ours: JSON Feed has no word for what is gone. `about` explains it."""
    gone = [{"ref": one.id, "when": one.at.isoformat()} for one in head.deleted]
    return {"about": _ABOUT_TOMBSTONES, "deleted": gone} if gone else {}


def seen(text: bytes) -> list[tuple[str, datetime]]:
    """Id and date of each item, in the order of the document."""
    return [
        (item["id"], datetime.fromisoformat(item["date_published"]))
        for item in json.loads(text)["items"]
    ]


def without(text: bytes, ids: Collection[str]) -> bytes:
    """The document less the items of these ids."""
    feed = json.loads(text)
    feed["items"] = [item for item in feed["items"] if item["id"] not in ids]
    return _text(feed) + b"\n"


def _text(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
