"""News: how long from the commit of a story until readers are served feeds that have it.

A newsroom as `publisher up` brings it up: SQLite, the embedded broker, web, worker and beat; and a
hub that it tells.
"""

import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.broken import BrokenRunError
from bench.feeds_stories import invented
from bench.houses import forget_broker
from bench.hub import Hub, listening_hub
from bench.results import Results
from publisher.accounts.actor import Actor
from publisher.cli.newsroom import Newsroom, newsroom_up
from publisher.feeds.bylines import people
from publisher.newsroom.receive import receive
from publisher.newsroom.text import slugify
from publisher.settings import load_settings
from publisher.store import utc_now

CASE = "news/embedded"
FORMATS = ("rss", "atom", "json")
EARLIER = 50  # stories that are brought in at once before
_UNCOUNTED = 5  # one of each section: when all of its feeds have it, nothing is behind
PATIENCE_S = 120.0
_LOOK_S = 0.01
PAUSE_S = (0.2, 0.8)  # between one story served and the next committed
_PRIVATE = {"PUBLISHER_PRIVATE_NETWORKS": "127.0.0.0/8"}
_BY = Actor("editor", "bench")


def measure_news(results: Results, stories: int) -> None:
    """`news/embedded`: a run a story, with seconds to the site's feed and to the last of all.

    Those until they are served, and until the hub has been told of them.
    """
    forget_broker()
    chance = random.Random(7)  # noqa: S311 - the same in every run is what is wanted
    with (
        tempfile.TemporaryDirectory(prefix="publisher-bench-", ignore_cleanup_errors=True) as home,
        listening_hub() as hub,
        in_environment({"PUBLISHER_WEBSUB_HUBS": hub.url, **_PRIVATE}),
        newsroom_up(load_settings(home=Path(home)), threading.Event()) as newsroom,
        httpx.Client(base_url=f"http://127.0.0.1:{newsroom.web_port}") as client,
    ):
        reader = _Reader(client)
        for number in range(EARLIER):
            reader.follow(*commit(newsroom, number), slugs=())
        for number in range(EARLIER, EARLIER + _UNCOUNTED + stories):
            time.sleep(chance.uniform(*PAUSE_S))
            article, began = commit(newsroom, number)
            slugs = _feeds(number)
            site_s, all_s = reader.follow(article, began, slugs=slugs)
            told = {
                "site_told_s": _told(hub, ("all",), began),
                "all_told_s": _told(hub, slugs, began),
            }
            if number >= EARLIER + _UNCOUNTED:
                run = {"case": CASE, "round": number - EARLIER - _UNCOUNTED + 1}
                results.add(run | {"site_s": site_s, "all_s": all_s} | told)


class _Reader:
    """Asks for feeds again and again, as a feed reader does: for what it does not have."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._tags: dict[str, str] = {}

    def follow(self, article: str, began: float, slugs: tuple[str, ...]) -> tuple[float, float]:
        """Seconds until the story is in the site's feed, and until it is in the last of all."""
        waiting = [f"/feeds/{slug}.{fmt}" for slug in slugs for fmt in FORMATS]
        site_s = all_s = 0.0
        while waiting:
            waiting = [path for path in waiting if not self._has(path, article)]
            all_s = time.monotonic() - began
            if not site_s and not any(path.startswith("/feeds/all.") for path in waiting):
                site_s = all_s
            if all_s > PATIENCE_S:
                raise BrokenRunError(f"not served after {all_s:.0f} s: {waiting}")
            time.sleep(_LOOK_S)
        return site_s, all_s

    def _has(self, path: str, article: str) -> bool:
        tag = self._tags.get(path)
        answer = self._client.get(path, headers={"If-None-Match": tag} if tag else {})
        if answer.is_success:
            self._tags[path] = answer.headers["etag"]
        return answer.is_success and article in answer.text


@contextmanager
def in_environment(given: Mapping[str, str]) -> Iterator[None]:
    """From there the newsroom's processes take their settings, as a user gives them."""
    os.environ.update(given)  # noqa: TID251 - written, for the processes that read it
    try:
        yield
    finally:
        for name in given:
            del os.environ[name]  # noqa: TID251


def _told(hub: Hub, slugs: tuple[str, ...], began: float) -> float:
    """Seconds until the hub was told of every document of these feeds, after the commit."""
    paths = [f"/feeds/{slug}.{fmt}" for slug in slugs for fmt in FORMATS]
    while any(hub.told.get(path, 0.0) < began for path in paths):
        if time.monotonic() - began > PATIENCE_S:
            raise BrokenRunError(f"the hub was not told of all of {paths}")
        time.sleep(_LOOK_S)
    return max(hub.told[path] for path in paths) - began


def commit(newsroom: Newsroom, number: int) -> tuple[str, float]:
    """Bring in the story; its id, and the moment at which its commit began."""
    with newsroom.runtime.sessions.begin() as session:
        now = utc_now()
        story = invented(number, now, published_at=now)
        article = receive(session, story, by=_BY, now=now).article.uuid
        return article, time.monotonic()


def _feeds(number: int) -> tuple[str, ...]:
    """The feeds of the story: of the site, its section, its authors, its tags."""
    story = invented(number, utc_now())
    authors = [f"author-{slugify(name)}" for name in people(story.byline)]
    return ("all", story.section or "", *authors, *(f"tag-{tag}" for tag in story.tags))
