"""Bringing articles in."""

from publisher.queue import app
from publisher.sources.poll import due_sources, poll
from tasks.process import runtime


@app.task(name="publisher.pickup.tick")
def tick() -> None:
    """Wake the poll of every source that is due."""
    with runtime().sessions.begin() as session:
        due_sources(session, runtime().clock())


@app.task(name="publisher.pickup.poll")
def poll_source(source: str) -> None:
    """Look what is new at one source."""
    poll(runtime(), source)
