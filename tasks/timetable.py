"""What runs by the clock, on one page. Beat only ticks: due times live in rows.

A tick that could not run in time is dropped; the next one finds the same rows.
"""

from publisher.queue import app


def _every(seconds: float, task: str) -> dict[str, object]:
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 10.0)}}


app.conf.beat_schedule = {
    "pick articles up": _every(2.0, "publisher.pickup.tick"),
    "lift embargoes": _every(2.0, "publisher.newsroom.lift"),
    "start editions": _every(2.0, "publisher.editions.tick"),
    "sweep": _every(5.0, "publisher.upkeep.sweep"),
}
