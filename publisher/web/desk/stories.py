"""Stories at the desk: lists by where they stand, and one story with its history."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request, Response

from publisher.newsroom.find import current_version, find_article, list_articles
from publisher.newsroom.history import events_of, versions_of
from publisher.newsroom.models import ArticleState as S
from publisher.newsroom.overview import count_by_state, sections_seen
from publisher.web.desk.frame import desk_page, desk_router
from publisher.web.desk.story_acts import acts_for
from publisher.web.door import door_of

MOST = 100
router = desk_router("/desk/stories")


@dataclass(frozen=True, slots=True)
class Tab:
    """A list of stories: the states it holds, and what to say where there are none."""

    name: str
    states: tuple[S, ...]
    nothing: str


TABS: Mapping[str, Tab] = {
    "in": Tab("In", (S.RECEIVED, S.PUBLISHED), "No story has come in yet."),
    "embargoed": Tab("Embargoed", (S.EMBARGOED,), "No story waits for its time."),
    "review": Tab("In review", (S.IN_REVIEW,), "No story waits for an editor."),
    "quarantined": Tab("Quarantined", (S.QUARANTINED,), "Everything that came in could be read."),
    "hold": Tab("On hold", (S.ON_HOLD,), "No story is on hold."),
    "gone": Tab(
        "Gone", (S.WITHDRAWN, S.KILLED, S.MERGED, S.EXPIRED), "No story has been taken away."
    ),
}


@router.get("")
def stories(request: Request, tab: str = "in", section: str = "") -> Response:
    """The stories of one tab, the newest in first."""
    chosen = TABS.get(tab, TABS["in"])
    with door_of(request).runtime.sessions.read() as session:
        found = list_articles(
            session, states=chosen.states, section=section or None, limit=MOST + 1
        )
        counts = count_by_state(session, section=section or None)
        sections = sections_seen(session)
    return desk_page(
        request,
        "stories.html",
        area="stories",
        tabs={
            key: (one, sum(counts.get(state, 0) for state in one.states))
            for key, one in TABS.items()
        },
        tab=tab if tab in TABS else "in",
        section=section,
        sections=sections,
        found=found[:MOST],
        more=len(found) > MOST,
    )


@router.get("/{ref}")
def story(request: Request, ref: str) -> Response:
    """One story: where it stands, what may be done, what it has been through."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        article = find_article(session, ref)
        version = current_version(session, article)
        versions = versions_of(session, article)
        events = events_of(session, article)
    return desk_page(
        request,
        "story.html",
        area="stories",
        article=article,
        version=version,
        versions=versions,
        events=events,
        acts=acts_for(article.state),
        public_url=door.links.article(article.uuid, version.slug),
    )
