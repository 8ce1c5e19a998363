"""What feeds are compared with: feedgen from scratch, and a plain FastAPI route."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from feedgen.feed import FeedGenerator

from publisher.feeds.entry import Entry, Head


def from_scratch(head: Head, entries: Sequence[Entry], fmt: str) -> bytes:
    """The feed as feedgen alone writes it, with its own extensions for credits and pictures.

    Dates are written by the standard library, as Publisher has put right: that is faster than
    feedgen's own way.
    """
    feed = FeedGenerator()
    feed.load_extension("dc")
    feed.load_extension("media")
    feed.id(head.id)
    feed.title(head.title)
    feed.description(head.title)
    feed.language(head.language)
    feed.updated(head.updated_at)
    feed.lastBuildDate(head.updated_at)
    feed.link(href=head.feed_url, rel="self")
    feed.link(href=head.home_url, rel="alternate")
    for entry in entries:
        _add(feed, entry)
    text: bytes = feed.rss_str() if fmt == "rss" else feed.atom_str()
    return text


def _add(feed: FeedGenerator, entry: Entry) -> None:
    item = feed.add_entry(order="append")
    item.id(entry.id)
    item.title(entry.title)
    item.link(href=entry.url)
    item.summary(entry.summary)
    item.content(entry.content, type="CDATA")
    item.published(entry.published_at)
    item.updated(entry.updated_at)
    item.author([{"name": name} for name in entry.authors])
    item.category([{"term": name} for name in entry.categories])
    item.dc.dc_creator(list(entry.authors))
    if entry.image:
        item.media.content({"url": entry.image.url, "medium": "image"}, group=None)


def plain_route(document: bytes) -> FastAPI:
    """An application that answers with a document in memory (gzip), or with a 304."""
    app = FastAPI(openapi_url=None)
    etag = f'"{hashlib.sha256(document).hexdigest()}"'
    common = {"ETag": etag, "Vary": "Accept-Encoding", "Cache-Control": "public, max-age=300"}

    @app.get("/feeds/all.rss")
    async def feed(request: Request) -> Response:
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=common)
        headers = {**common, "Content-Encoding": "gzip"}
        return Response(document, media_type="application/rss+xml", headers=headers)

    return app


if __name__ == "__main__":
    path, port = sys.argv[1:]
    uvicorn.run(
        plain_route(Path(path).read_bytes()),
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
    )
