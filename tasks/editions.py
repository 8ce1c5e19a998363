"""Planning and starting editions."""

from publisher.editions.enlist import enlist
from publisher.editions.tick import tick
from publisher.queue import app
from tasks.process import runtime


@app.task(name="publisher.editions.tick")
def tick_editions() -> None:
    """Plan the slots to come and wake what is due."""
    with runtime().sessions.begin() as session:
        tick(session, runtime().clock())


@app.task(name="publisher.editions.start")
def start(edition_id: int) -> None:
    """Freeze an edition and enlist its readers."""
    with runtime().sessions.begin() as session:
        enlist(session, edition_id, runtime().clock())
