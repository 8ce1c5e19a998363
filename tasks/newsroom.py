"""The newsroom's clock, and the rooms that react to its news."""

from publisher.delivery.react import react as delivery_reacts
from publisher.editions.react import react as editions_react
from publisher.feeds.react import react as feeds_react
from publisher.newsroom.acts import lift_due
from publisher.newsroom.events import take
from publisher.queue import app
from tasks.process import runtime

ROOMS = {"feeds": feeds_react, "editions": editions_react, "delivery": delivery_reacts}


@app.task(name="publisher.newsroom.react")
def react(event_id: int) -> None:
    """Let each room react once to what happened to an article, in a transaction of its own."""
    for room, reacts in ROOMS.items():
        now = runtime().clock()
        with runtime().sessions.begin() as session:
            event = take(session, event_id, room, now)
            if event is not None:
                reacts(session, event, now)


@app.task(name="publisher.newsroom.lift")
def lift() -> None:
    """Let out what its embargo held."""
    with runtime().sessions.begin() as session:
        lift_due(session, runtime().clock())
