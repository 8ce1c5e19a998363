"""Editions at the desk: the table of them, and making new ones."""

from fastapi import Request, Response
from starlette.datastructures import FormData

from publisher.audience.newsletters import list_newsletters
from publisher.editions.commands import SUBJECT_LIMIT, NewEdition, create_edition
from publisher.editions.find import list_editions
from publisher.editions.models import EditionState
from publisher.errors import NotFoundError, RefusedError
from publisher.newsroom.find import list_articles
from publisher.newsroom.models import ArticleState
from publisher.web.desk.frame import back_to, desk_page, desk_router
from publisher.web.desk.guard import AtDesk
from publisher.web.desk.today import line_of
from publisher.web.door import door_of
from publisher.web.public.forms import Form, text_of, texts_of

MOST = 60
MOST_STORIES = 60
router = desk_router("/desk/editions")


@router.get("")
def editions(request: Request, state: str = "", newsletter: str = "") -> Response:
    """The editions, the newest first."""
    states = [EditionState(state)] if state in set(EditionState) else []
    with door_of(request).runtime.sessions.read() as session:
        found = list_editions(session, states=states, newsletter=newsletter or None, limit=MOST + 1)
        lines = [line_of(session, *row) for row in found[:MOST]]
        newsletters = list_newsletters(session)
    return desk_page(
        request,
        "editions.html",
        area="editions",
        lines=lines,
        more=len(found) > MOST,
        newsletters=newsletters,
        newsletter=newsletter,
        states=list(EditionState),
        state=state,
    )


@router.get("/new")
def new(request: Request) -> Response:
    """The two forms: a digest now, or a special of chosen stories."""
    return _composing(request, FormData())


@router.post("")
def create(request: Request, desk: AtDesk, form: Form) -> Response:
    """Make the draft and show it; where it is refused, the form comes back as it was filled in."""
    door = door_of(request)
    special = text_of(form, "kind") == "special"
    wanted = NewEdition(
        newsletter=text_of(form, "newsletter"),
        stories=texts_of(form, "stories") if special else None,
        cadence=text_of(form, "cadence") or None,
        subject=text_of(form, "subject") or None,
    )
    try:
        with door.runtime.sessions.begin() as session:
            edition = create_edition(session, wanted, by=desk.by, now=door.now())
    except (RefusedError, NotFoundError) as error:
        return _composing(request, form, error=str(error))
    return back_to(f"/desk/editions/{edition.id}", "create")


def _composing(request: Request, form: FormData, *, error: str = "") -> Response:
    with door_of(request).runtime.sessions.read() as session:
        newsletters = list_newsletters(session, active_only=True)
        stories = list_articles(session, states=[ArticleState.PUBLISHED], limit=MOST_STORIES)
    return desk_page(
        request,
        "edition_new.html",
        status=422 if error else 200,
        area="editions",
        newsletters=newsletters,
        stories=stories,
        error=error,
        kind=text_of(form, "kind"),
        chosen=set(texts_of(form, "stories")),
        filled={name: text_of(form, name) for name in ("newsletter", "cadence", "subject")},
        subject_limit=SUBJECT_LIMIT,
    )
