"""An edition in the browser, as one reader got it by mail."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from publisher.delivery.preview import web_view
from publisher.errors import RefusedError
from publisher.web.door import door_of
from publisher.web.public.frame import PRIVATE, notice

# A mail carries its styles in itself; nothing else of it may act.
_AS_A_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
router = APIRouter()


@router.get("/view/{token}")
def view(request: Request, token: str) -> Response:
    """The mail without what was personal in it, and without what may not be shown any more."""
    door = door_of(request)
    edition, subscriber = door.tokens.read_view(token)
    try:
        with door.runtime.sessions.read() as session:
            shown = web_view(door.press, session, edition, subscriber, door.now())
    except RefusedError:
        words = "Nothing is left of this mail", "Every story of it has been taken back."
        return notice(request, *words, status=410, private=True)
    return HTMLResponse(shown.html, headers={**PRIVATE, "Content-Security-Policy": _AS_A_MAIL})
