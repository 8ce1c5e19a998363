"""The reader's yes: a page on GET, the act on POST only, since programs follow links too."""

from fastapi import APIRouter, Request, Response

from publisher.accounts.actor import Actor
from publisher.audience.confirm import confirm, pending_of
from publisher.web.door import door_of
from publisher.web.public.forms import Form, ip_of, texts_of
from publisher.web.public.frame import private_page

router = APIRouter()


@router.get("/confirm/{token}")
def confirm_page(request: Request, token: str) -> Response:
    """What waits to be confirmed, and one button."""
    door = door_of(request)
    subscriber = door.tokens.read_confirm(token, door.now())
    with door.runtime.sessions.read() as session:
        pending = pending_of(session, subscriber)
    if not pending:
        return private_page(request, "web/public/confirmed.html", confirmed=[])
    return private_page(request, "web/public/confirm.html", pending=pending)


@router.post("/confirm/{token}")
def confirm_now(request: Request, token: str, form: Form) -> Response:
    """Confirm what the page showed; without a word about that, all that waits."""
    door = door_of(request)
    now = door.now()
    subscriber = door.tokens.read_confirm(token, now)
    with door.runtime.sessions.begin() as session:
        shown = texts_of(form, "subscription") or [
            one.subscription.uuid for one in pending_of(session, subscriber)
        ]
        by = Actor("reader", subscriber)
        confirmed = confirm(session, subscriber, shown, ip=ip_of(request), by=by, now=now)
    return private_page(request, "web/public/confirmed.html", confirmed=confirmed)
