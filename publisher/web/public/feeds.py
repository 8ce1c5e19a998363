"""The directory of feeds, and the documents themselves."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.errors import NotFoundError
from publisher.feeds.files import Published
from publisher.web.public.frame import public_page

router = APIRouter()
_ASKED = {
    b"accept-encoding": "accept_encoding",
    b"if-none-match": "if_none_match",
    b"if-modified-since": "if_modified_since",
}


@router.get("/feeds")
def directory(request: Request) -> HTMLResponse:
    """Every feed in every format, and what a feed is."""
    return public_page(request, "web/public/feeds.html")


@router.get("/feeds/{slug}.{fmt}")
def missing(slug: str, fmt: str) -> HTMLResponse:
    """No feed of that name: those that are there, `FeedFiles` has answered before."""
    raise NotFoundError("feed", f"{slug}.{fmt}")


class FeedFiles:
    """Answers requests for documents before anything else sees them, and passes the others on.

    Feed readers ask every few minutes and mostly get a 304: nothing but the file is looked at.
    `headers` are added to documents.
    """

    def __init__(self, app: ASGIApp, *, published: Published, headers: Mapping[str, str]) -> None:
        self.app = app
        self.published = published
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD of what is up."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        asked: dict[str, str] = {}
        for name, value in scope["headers"]:
            if name in _ASKED:  # a list may come in several lines (RFC 9110 §5.3)
                before = asked.get(_ASKED[name])
                text = value.decode("latin-1")
                asked[_ASKED[name]] = text if before is None else f"{before}, {text}"
        answer = self.published.answer(scope["path"].rstrip("/"), method=scope["method"], **asked)
        if answer.status == 404:  # noqa: PLR2004 - as HTTP has it
            await self.app(scope, receive, send)
            return
        more = self.headers if answer.status == 200 else {}  # noqa: PLR2004 - as HTTP has it
        raw = [
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in {**more, **answer.headers}.items()
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})
