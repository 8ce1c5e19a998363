"""Bringing stories to partners, beside the tasks: a slow server holds up no feed."""

from functools import partial

from publisher.delivery.environment import settle_here
from publisher.feeds.partners.push import push_to
from publisher.queue import app
from tasks.process import beside, runtime


@app.task(name="publisher.partners.push")
def push(partner: str) -> None:
    """Bring one partner what it is to be brought; a copy of a store brings nothing."""
    with runtime().sessions.begin() as session:
        if settle_here(session, runtime().settings, runtime().clock()):
            return
    beside(f"partner {partner}", partial(push_to, runtime(), partner))
