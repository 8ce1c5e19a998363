"""Today at the desk: what goes next, what needs somebody, how the last sends went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response
from sqlmodel import Session

from publisher.audience.models import NewsletterRow
from publisher.delivery.environment import why_not_here
from publisher.delivery.relay import relays_of
from publisher.delivery.relay_health import rows_of
from publisher.delivery.report import Report, report
from publisher.editions.bulk import count_matched
from publisher.editions.find import list_editions
from publisher.editions.models import EditionRow, EditionState
from publisher.newsroom.find import list_articles
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow
from publisher.web.desk.frame import desk_page, desk_router
from publisher.web.door import door_of

COMING = (EditionState.SCHEDULED, EditionState.HOLDING, EditionState.SENDING)
OVER = (EditionState.SENT, EditionState.STOPPED, EditionState.SKIPPED)
STUCK = (EditionState.PAUSED, EditionState.FAILED)
NEEDS_EDITOR = (ArticleState.QUARANTINED, ArticleState.IN_REVIEW)
LAST_SENDS = 6
MOST_ATTENTION = 8
router = desk_router("/desk")


@dataclass(frozen=True, slots=True)
class Line:
    """An edition in a list; `at` is when it goes or went, `readers` how many match it now."""

    edition: EditionRow
    newsletter: NewsletterRow
    at: datetime | None
    report: Report
    readers: int


@router.get("")
def today(request: Request) -> Response:
    """The page that an editor begins with."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        coming = [line_of(session, *row) for row in list_editions(session, states=COMING)]
        stuck = [line_of(session, *row) for row in list_editions(session, states=STUCK, limit=20)]
        over = [
            line_of(session, *row) for row in list_editions(session, states=OVER, limit=LAST_SENDS)
        ]
        stories = _stories(session)
        locked = why_not_here(session, door.runtime.settings)
        relays = rows_of(session, relays_of(door.runtime.settings))
    return desk_page(
        request,
        "today.html",
        area="today",
        locked=locked,
        relays=[row for row in relays.values() if row.not_before is not None],
        coming=sorted(coming, key=lambda line: line.at or door.now()),
        stuck=stuck,
        uncertain=[line for line in over if line.report.uncertain],
        over=over,
        stories=stories[:MOST_ATTENTION],
        more_stories=len(stories) > MOST_ATTENTION,
    )


def line_of(session: Session, edition: EditionRow, newsletter: NewsletterRow) -> Line:
    """An edition with its sums; whom it would go to is counted only while it is to come."""
    at = edition.hold_until or edition.due_at
    if edition.frozen_at is not None:
        return Line(edition, newsletter, edition.finished_at or at, report(session, edition), 0)
    return Line(edition, newsletter, at, Report(), count_matched(session, edition))


def _stories(session: Session) -> Sequence[tuple[ArticleRow, ArticleVersionRow]]:
    return list_articles(session, states=NEEDS_EDITOR, limit=MOST_ATTENTION + 1)
