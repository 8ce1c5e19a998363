"""Pages of the desk: their frame, their headers, and what is said when something is refused."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from publisher.errors import (
    NotFoundError,
    PublisherError,
    RefusedError,
    TokenInvalidError,
    UnavailableError,
)
from publisher.web.desk import times, wording
from publisher.web.desk.guard import at_desk
from publisher.web.door import door_of, page

# Not no-referrer: browsers then call the origin of our own forms "null".
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
# The mail of a stranger's making: it may show its own styles and pictures, and open links in a
# window of their own; it runs nothing, and to the browser it is of no origin at all.
MAIL_HEADERS = {
    "Content-Security-Policy": (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        "style-src 'unsafe-inline'; img-src * data:; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_STATUS: tuple[tuple[type[PublisherError], int], ...] = (
    (NotFoundError, 404),
    (UnavailableError, 503),
    (TokenInvalidError, 403),
    (RefusedError, 422),
)
_TITLES = {
    403: "The desk is closed here",
    404: "Nothing here",
    422: "That is not possible",
    503: "Not just now",
}


class DeskRoute(APIRoute):
    """A route whose refusals are said by a page of the desk."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, and a page for what it refuses."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except (PublisherError, HTTPException, RequestValidationError) as error:
                return _notice(request, error)

        return answer


def desk_router(prefix: str) -> APIRouter:
    """A router whose every route needs an editor's session, and every form the session's token."""
    return APIRouter(prefix=prefix, route_class=DeskRoute, dependencies=[Depends(at_desk)])


def desk_page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    folder: str = "desk",
    area: str = "",
    **context: Any,
) -> HTMLResponse:
    """A page that looks like the desk; `area` is the entry of the navigation it belongs to."""
    door = door_of(request)
    return page(
        door,
        f"web/{folder}/{template}",
        status=status,
        headers=HEADERS,
        area=area,
        editor=getattr(request.state, "editor", None),
        mailbox=has_mailbox(request),
        done=wording.done_words(request.query_params.get("done", "")),
        **times.FOR_TEMPLATES,
        **wording.FOR_TEMPLATES,
        **context,
    )


def back_to(path: str, done: str = "") -> RedirectResponse:
    """Lead on after an act, with a word about what was done (a key of `wording.DONE`)."""
    return RedirectResponse(f"{path}?done={done}" if done else path, 303, headers=HEADERS)


def mail_page(html: str) -> HTMLResponse:
    """A mail's HTML for a frame of ours; its links open in windows of their own."""
    return HTMLResponse(_with_windows(html), headers=MAIL_HEADERS)


def has_mailbox(request: Request) -> bool:
    """Whether there is a development mailbox to look into."""
    settings = door_of(request).settings
    return settings.uses_mailbox and not settings.production


def _with_windows(html: str) -> str:
    start = html.lower().find("<head")
    end = html.find(">", start) + 1 if start >= 0 else 0
    return f'{html[:end]}<base target="_blank">{html[end:]}'


def _notice(request: Request, error: Exception) -> Response:
    status = _status_of(error)
    text = error.detail if isinstance(error, HTTPException) else str(error)
    if isinstance(error, RequestValidationError):
        text = "The request could not be understood. Go back and try again."
    return desk_page(
        request,
        "notice.html",
        status=status,
        title=_TITLES.get(status, "That did not work"),
        text=text,
        way_in=status == 403,  # noqa: PLR2004 - the one status that a link mends
    )


def _status_of(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
