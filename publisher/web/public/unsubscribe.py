"""Leaving by a link from a mail: a page on GET, the act on POST.

RFC 8058: a mail program posts `List-Unsubscribe=One-Click` to this very address, as
multipart/form-data or urlencoded, without cookies, and is not redirected. The button on the page
posts to the same address; the body makes no difference.
"""

from fastapi import APIRouter, Request, Response

from publisher.accounts.actor import Actor
from publisher.audience.models import SubscriptionState
from publisher.audience.unsubscribe import subscription_to, unsubscribe
from publisher.web.door import door_of
from publisher.web.public.frame import private_page

router = APIRouter()


@router.get("/unsubscribe/{token}")
def unsubscribe_page(request: Request, token: str) -> Response:
    """Which newsletter, and one button."""
    door = door_of(request)
    subscription = door.tokens.read_unsubscribe(token)
    with door.runtime.sessions.read() as session:
        row, newsletter = subscription_to(session, subscription)
    ended = row.state == SubscriptionState.ENDED
    template = "web/public/unsubscribed.html" if ended else "web/public/unsubscribe.html"
    return private_page(request, template, newsletter=newsletter)


@router.post("/unsubscribe/{token}")
def unsubscribe_now(request: Request, token: str) -> Response:
    """End the subscription."""
    door = door_of(request)
    subscription = door.tokens.read_unsubscribe(token)
    by = Actor("reader", subscription)
    with door.runtime.sessions.begin() as session:
        newsletter = unsubscribe(session, subscription, by=by, now=door.now())
    return private_page(request, "web/public/unsubscribed.html", newsletter=newsletter)
