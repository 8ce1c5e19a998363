"""The Celery tasks: thin doors to Publisher's functions, a few lines each.

A task takes ids, opens a transaction or calls a function that does, and returns nothing. It may
run twice, late or never. The timetable of what runs by the clock stands in `tasks.timetable`.
"""

from tasks import timetable

__all__ = ["BY_LANE", "timetable"]

# A worker imports what its lanes need: one that sends mail has no use for what builds feeds and
# reads articles, 6 MB of each of its processes.
BY_LANE = {
    "mail.now": ("tasks.audience", "tasks.deliveries"),
    "mail.bulk": ("tasks.deliveries",),
    "pages": (
        "tasks.editions",
        "tasks.feeds",
        "tasks.newsroom",
        "tasks.partners",
        "tasks.pickup",
        "tasks.upkeep",
        "tasks.websub",
    ),
}
