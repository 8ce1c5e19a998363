"""Feeds at the desk: whether they are up, and who reads them."""

from fastapi import Request, Response

from publisher.feeds.directory import BY_STORIES
from publisher.feeds.health import SPAN, FeedHealth, feed_health, program_readings, total
from publisher.web.desk.frame import desk_page, desk_router
from publisher.web.desk.wording import Mark
from publisher.web.door import door_of

MOST_SMALL = 20  # feeds of authors and tags that are shown
MOST_UNWELL = 50  # a large import has every feed built
router = desk_router("/desk/feeds")


@router.get("")
def feeds(request: Request) -> Response:
    """Every feed with its state, size and readers; of authors and tags the most read ones."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        found = feed_health(session, door.settings.public_folder, door.now())
        programs = program_readings(session, door.now())
    unwell = [feed for feed in found if not feed.is_well]
    small = [feed for feed in found if feed.kind in BY_STORIES and feed.is_well]
    return desk_page(
        request,
        "feeds.html",
        area="feeds",
        unwell=unwell[:MOST_UNWELL],
        unwell_count=len(unwell),
        large=[feed for feed in found if feed.is_well and feed.kind not in BY_STORIES],
        small=sorted(small, key=lambda feed: -feed.reading.requests)[:MOST_SMALL],
        small_count=len(small),
        programs=programs,
        total=total(feed.reading for feed in found),
        days=SPAN.days,
        feed_mark=feed_mark,
    )


def feed_mark(feed: FeedHealth) -> Mark:
    """How the feed does."""
    if feed.size is None:
        return Mark("Not here", "bad")
    if not feed.up_to_date:
        return Mark("Not built", "bad") if feed.problem else Mark("Being built", "busy")
    return Mark("Something left out", "warn") if feed.problem else Mark("Up to date", "good")
