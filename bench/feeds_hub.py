"""Our own hub: how long from the commit of a story until a subscriber has the site's feed with it.

A newsroom as `publisher up` brings it up, as the hub of its own feeds.
"""

import random
import tempfile
import threading
import time
from pathlib import Path

import httpx

from bench.broken import BrokenRunError
from bench.feeds_news import EARLIER, FORMATS, PATIENCE_S, PAUSE_S, commit, in_environment
from bench.houses import forget_broker
from bench.hub import Subscriber, listening_subscriber
from bench.results import Results
from publisher.cli.newsroom import newsroom_up
from publisher.settings import load_settings

CASE = "news/own-hub"
_UNCOUNTED = 2
_LOOK_S = 0.01
_SETTINGS = {"PUBLISHER_WEBSUB_HUB": "true", "PUBLISHER_PRIVATE_NETWORKS": "127.0.0.0/8"}


def measure_own_hub(results: Results, stories: int) -> None:
    """`news/own-hub`: a run a story, with seconds until it was brought in the last format."""
    forget_broker()
    chance = random.Random(7)  # noqa: S311 - the same in every run is what is wanted
    with (
        tempfile.TemporaryDirectory(prefix="publisher-bench-", ignore_cleanup_errors=True) as home,
        listening_subscriber() as subscriber,
        in_environment(_SETTINGS),
        newsroom_up(load_settings(home=Path(home)), threading.Event()) as newsroom,
        httpx.Client(base_url=f"http://127.0.0.1:{newsroom.web_port}") as client,
    ):
        for number in range(EARLIER):
            commit(newsroom, number)
        for fmt in FORMATS:
            _subscribe(client, subscriber, fmt)
        for number in range(_UNCOUNTED + stories):
            time.sleep(chance.uniform(*PAUSE_S))
            article, began = commit(newsroom, EARLIER + number)
            brought_s = max(_brought(subscriber, fmt, article) for fmt in FORMATS) - began
            if number >= _UNCOUNTED:
                run = {"case": CASE, "round": number - _UNCOUNTED + 1}
                results.add(run | {"site_brought_s": brought_s})


def _subscribe(client: httpx.Client, subscriber: Subscriber, fmt: str) -> None:
    """Subscribe to the site's feed, as soon as it is up, until its hub has asked back."""
    until = time.monotonic() + PATIENCE_S
    while not (feed := client.get(f"/feeds/all.{fmt}")).is_success:
        _wait(until, f"all.{fmt} is not up")
    form = {"mode": "subscribe", "topic": feed.links["self"]["url"]}
    fields = {f"hub.{name}": value for name, value in form.items()}
    path = f"/{fmt}"
    client.post("/websub", data=fields | {"hub.callback": subscriber.url + path}).raise_for_status()
    while path not in subscriber.asked:
        _wait(until, f"the hub did not ask {path} back")


def _brought(subscriber: Subscriber, fmt: str, article: str) -> float:
    """When the document with the article came first."""
    until = time.monotonic() + PATIENCE_S
    while True:
        for at, path, body in list(subscriber.brought):
            if path == f"/{fmt}" and article in body:
                return at
        _wait(until, f"{article} was not brought as {fmt}")


def _wait(until: float, problem: str) -> None:
    if time.monotonic() > until:
        raise BrokenRunError(problem)
    time.sleep(_LOOK_S)
