"""Telling hubs of changes, beside the tasks: somebody else's slow server holds up no feed."""

from functools import partial

from publisher.feeds.websub.ping import ping_hub
from publisher.queue import app
from tasks.process import beside, runtime


@app.task(name="publisher.websub.ping")
def ping(hub: str) -> None:
    """Tell one hub what it is to be told."""
    beside(hub, partial(ping_hub, runtime(), hub))
