"""Feeds at the desk: whether they are up, and who reads them."""

from fastapi import Request, Response

from publisher.feeds.directory import BY_STORIES
from publisher.feeds.health import SPAN, FeedHealth, feed_health, program_readings, total
from publisher.feeds.partners.standing import PartnerStanding, partner_standings
from publisher.feeds.websub.standing import HubStanding, hub_standings
from publisher.web.desk.frame import desk_page, desk_router
from publisher.web.desk.wording import Mark
from publisher.web.door import door_of

MOST_SMALL = 20  # feeds of authors and tags that are shown
MOST_UNWELL = 50  # a large import has every feed built
router = desk_router("/desk/feeds")


@router.get("")
def feeds(request: Request) -> Response:
    """Every feed with its state, size and readers; of authors and tags the most read.

    And who has them brought or pulls feeds of its own: hubs and partners.
    """
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        found = feed_health(session, door.settings.public_folder, door.now())
        programs = program_readings(session, door.now())
        hubs = hub_standings(session, door.settings)
        partners = partner_standings(session)
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
        hubs=hubs,
        partners=partners,
        total=total(feed.reading for feed in found),
        days=SPAN.days,
        feed_mark=feed_mark,
        hub_mark=hub_mark,
        partner_mark=partner_mark,
    )


def feed_mark(feed: FeedHealth) -> Mark:
    """How the feed does."""
    if feed.size is None:
        return Mark("Not here", "bad")
    if not feed.up_to_date:
        return Mark("Not built", "bad") if feed.problem else Mark("Being built", "busy")
    return Mark("Something left out", "warn") if feed.problem else Mark("Up to date", "good")


def hub_mark(hub: HubStanding) -> Mark:
    """How the hub does."""
    if hub.given_up:
        return Mark("Given up", "bad")
    if not hub.is_well:
        return Mark("Tried again", "warn")
    return Mark("Being told", "busy") if hub.waiting else Mark("Up to date", "good")


def partner_mark(one: PartnerStanding) -> Mark:
    """How the partner does: by what is pushed to it, or else whether it can ask."""
    if one.push is None:
        return Mark("Pulls", "good") if one.good_tokens else Mark("No token", "warn")
    if one.push.ended_at or one.push.given_up:
        return Mark("Ended" if one.push.ended_at else "Given up", "bad")
    if one.push.problem:
        return Mark("Tried again", "warn")
    return Mark("Being brought", "busy") if one.push.waiting else Mark("Up to date", "good")
