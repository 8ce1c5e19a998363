"""Telling hubs and subscribers of changes, beside the tasks: a slow server holds up no feed."""

from functools import partial

from publisher.delivery.environment import settle_here
from publisher.feeds.websub.ping import ping_hub
from publisher.feeds.websub.push import push_due
from publisher.feeds.websub.verify import verify_due
from publisher.queue import app
from tasks.process import beside, runtime

THREADS = 8  # of each process, for subscribers


@app.task(name="publisher.websub.ping")
def ping(hub: str) -> None:
    """Tell one hub what it is to be told."""
    beside(hub, partial(ping_hub, runtime(), hub))


@app.task(name="publisher.websub.verify")
def verify() -> None:
    """Ask callbacks whether they mean what was asked of our hub; a copy of a store asks nobody."""
    if _is_copy():
        return
    beside("callbacks", partial(verify_due, runtime()), threads=4)


@app.task(name="publisher.websub.push")
def push() -> None:
    """Bring documents to those who subscribed; a copy of a store brings nothing."""
    if _is_copy():
        return
    for _ in range(THREADS):
        beside("subscribers", partial(push_due, runtime()), threads=THREADS)


def _is_copy() -> bool:
    with runtime().sessions.begin() as session:
        return bool(settle_here(session, runtime().settings, runtime().clock()))
