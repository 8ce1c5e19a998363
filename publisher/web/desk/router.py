"""All pages of the desk as one router; whatever else is asked for needs a session, too."""

from fastapi import APIRouter, HTTPException

from publisher.web.desk import (
    edition,
    edition_acts,
    edition_doubts,
    edition_report,
    editions,
    entry,
    feeds,
    stories,
    story_acts,
    today,
)
from publisher.web.desk.frame import desk_router

router = APIRouter()
_rest = desk_router("/desk")


@_rest.get("/{path:path}")
@_rest.post("/{path:path}")
def nowhere() -> None:
    """No such page; but only an editor is told so."""
    raise HTTPException(404, "The address may be mistyped, or the page has moved.")


# in this order: the last one answers for whatever no other knows
ROUTERS = (
    entry.router,
    today.router,
    stories.router,
    story_acts.router,
    editions.router,
    edition_doubts.router,
    edition_acts.router,
    edition.router,
    edition_report.router,
    feeds.router,
    _rest,
)
for _pages in ROUTERS:
    router.include_router(_pages)
