"""Our own hub's door (WebSub §5.1): programs ask here to be brought a feed whenever it changes."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from publisher.errors import RefusedError, UnavailableError
from publisher.feeds.websub.intents import ask
from publisher.web.door import door_of
from publisher.web.public.forms import Form, text_of

router = APIRouter()
_FIELDS = ("hub.mode", "hub.callback", "hub.topic", "hub.secret", "hub.lease_seconds")


@router.post("/websub")
def websub(request: Request, form: Form) -> PlainTextResponse:
    """Take a request in: 202; the callback is asked then. Whoever asks is a program: plain text."""
    door = door_of(request)
    fields = {name: text_of(form, name) for name in _FIELDS}
    try:
        with door.runtime.sessions.begin() as session:
            ask(session, door.settings, fields, door.now())
    except RefusedError as error:
        return PlainTextResponse(f"{error}\n", status_code=400)
    except UnavailableError as error:
        retry = {"Retry-After": str(round(error.retry_after_s))}
        return PlainTextResponse(f"{error}\n", status_code=429, headers=retry)
    return PlainTextResponse("Your callback will be asked whether it means it.\n", status_code=202)
