"""The page of one story, as long as it may be shown."""

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, select

from publisher.errors import NotFoundError
from publisher.newsroom.characters import is_storable
from publisher.newsroom.exits import may_leave
from publisher.newsroom.find import current_version
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.models import ArticleState as S
from publisher.web.door import door_of
from publisher.web.public.frame import frame_of, notice, public_page
from publisher.web.public.stories import full_of, linked_data, more_in

REVIEW_RETRY_S = 600
router = APIRouter()


@router.get("/articles/{uuid}")
@router.get("/articles/{uuid}/{slug}")
def article_page(request: Request, uuid: str, slug: str = "") -> Response:  # noqa: ARG001
    """A story; the slug is for people, so an old or wrong one shows the same story."""
    door = door_of(request)
    now = door.now()
    with door.runtime.sessions.read() as session:
        article = _find(session, uuid)
        if not may_leave(article, "page", now):
            return _not_shown(request, article)
        story = full_of(article, current_version(session, article), door.links)
        more = more_in(session, article, door.links, now)
    frame = frame_of(door)
    return public_page(
        request,
        "web/public/article.html",
        frame=frame,
        alternates=frame.of_section(article.section),
        story=story,
        more=more,
        linked_data=linked_data(story, door.settings.site_name, door.links.home()),
    )


def _find(session: Session, uuid: str) -> ArticleRow:
    if not is_storable(uuid):
        raise NotFoundError("article", ascii(uuid))
    article = session.exec(select(ArticleRow).where(ArticleRow.uuid == uuid)).one_or_none()
    if article is None:
        raise NotFoundError("article", uuid)
    return article


def _not_shown(request: Request, article: ArticleRow) -> Response:
    """Nothing of the story itself; and nothing at all where it never was out."""
    if article.eligible_at is None or article.state not in {S.KILLED, S.WITHDRAWN, S.ON_HOLD}:
        raise NotFoundError("article", article.uuid)
    if article.state == S.ON_HOLD:
        return notice(
            request,
            "This story is under review",
            "Our editors are looking into it. It will be back here, or a note in its place.",
            status=503,
            headers={"Retry-After": str(REVIEW_RETRY_S)},
        )
    return public_page(
        request,
        "web/public/gone.html",
        status=410,
        robots="noindex",
        killed=article.state == S.KILLED,
        left_at=article.left_at,
    )
