"""A reader's preferences, by a link from a mail: a page on GET, the change on POST."""

from fastapi import APIRouter, Request, Response

from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice
from publisher.audience.models import NewsletterRow, SubscriptionRow, SubscriptionState
from publisher.audience.preferences import change_preferences
from publisher.audience.unsubscribe import subscription_to
from publisher.errors import InvalidInputError
from publisher.web.door import door_of
from publisher.web.public.forms import Form, text_of, texts_of
from publisher.web.public.frame import frame_of, offer_of, private_page

router = APIRouter()


@router.get("/preferences/{token}")
def preferences_page(request: Request, token: str) -> Response:
    """What the subscription brings now, what else there is, and the way out."""
    door = door_of(request)
    subscription = door.tokens.read_preferences(token, door.now())
    with door.runtime.sessions.read() as session:
        row, newsletter = subscription_to(session, subscription)
    return _page(request, row, newsletter)


@router.post("/preferences/{token}")
def change(request: Request, token: str, form: Form) -> Response:
    """Change cadence and sections; where that is refused, say why and change nothing."""
    door = door_of(request)
    subscription = door.tokens.read_preferences(token, door.now())
    by = Actor("reader", subscription)
    with door.runtime.sessions.read() as session:
        row, newsletter = subscription_to(session, subscription)
    choice = Choice(
        newsletter=newsletter.slug,
        cadence=text_of(form, f"cadence-{newsletter.slug}") or row.cadence,
        sections=texts_of(form, f"section-{newsletter.slug}"),
    )
    try:
        with door.runtime.sessions.begin() as session:
            row, newsletter = change_preferences(
                session, subscription, choice, by=by, now=door.now()
            )
    except InvalidInputError as error:
        return _page(request, row, newsletter, status=422, error=str(error))
    return _page(request, row, newsletter, saved=True)


def _page(
    request: Request,
    row: SubscriptionRow,
    newsletter: NewsletterRow,
    *,
    status: int = 200,
    error: str = "",
    saved: bool = False,
) -> Response:
    if row.state != SubscriptionState.ACTIVE:
        return private_page(request, "web/public/unsubscribed.html", newsletter=newsletter)
    door = door_of(request)
    frame = frame_of(door)
    chosen = [slug for slug in row.sections.split(",") if slug]
    names = {feed.slug: feed.title for feed in frame.feeds}
    return private_page(
        request,
        "web/public/preferences.html",
        status=status,
        frame=frame,
        offer=offer_of(newsletter, newsletter.sections or chosen, names),
        cadence=row.cadence.value,
        chosen=chosen,
        error=error,
        saved=saved,
        leave=door.links.unsubscribe(door.tokens.unsubscribe(row.uuid)),
    )
