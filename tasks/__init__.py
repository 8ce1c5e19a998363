"""The Celery tasks: thin doors to Publisher's functions, a few lines each.

A task takes ids, opens a transaction or calls a function that does, and returns nothing. It may
run twice, late or never. The timetable of what runs by the clock stands in `tasks.timetable`.
"""

from tasks import (
    audience,
    deliveries,
    editions,
    feeds,
    newsroom,
    partners,
    pickup,
    timetable,
    upkeep,
    websub,
)

__all__ = [
    "audience",
    "deliveries",
    "editions",
    "feeds",
    "newsroom",
    "partners",
    "pickup",
    "timetable",
    "upkeep",
    "websub",
]
