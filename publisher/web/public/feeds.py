"""The documents of feeds: answered from the files that are up."""

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.types import Scope, Send

from publisher.errors import NotFoundError
from publisher.feeds.files import Published, raw_headers
from publisher.feeds.tally import Tally

router = APIRouter()
_ASKED = {
    b"accept": "accept",
    b"accept-encoding": "accept_encoding",
    b"if-none-match": "if_none_match",
    b"if-modified-since": "if_modified_since",
}


@router.get("/feeds/{slug}.{fmt}")
def missing(slug: str, fmt: str) -> HTMLResponse:
    """No feed of that name: those that are there, `FeedFiles` has answered before."""
    raise NotFoundError("feed", f"{slug}.{fmt}")


class FeedFiles:
    """Answers requests for documents before anything else sees them.

    Feed readers ask every few minutes and mostly get a 304: nothing but the file is looked at.
    `headers` are added to documents; what is served is counted in `tally`.
    """

    def __init__(self, published: Published, headers: Mapping[str, str], tally: Tally) -> None:
        self.published = published
        self.headers = headers
        self.tally = tally

    async def answered(self, scope: Scope, send: Send) -> bool:
        """Answer GET and HEAD of what is up; False where somebody else has to."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return False
        path = scope["path"].rstrip("/")
        asked, agent = _asked(scope)
        answer = self.published.answer(path, method=scope["method"], **asked)
        if answer.status == 404:  # noqa: PLR2004 - as HTTP has it
            return False
        self.tally.count(path[1:], answer.status, agent)
        more = self.headers if answer.status == 200 else {}  # noqa: PLR2004 - as HTTP has it
        raw = answer.raw or raw_headers({**more, **answer.headers})
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})
        return True


def _asked(scope: Scope) -> tuple[dict[str, str], bytes]:
    """What the request says of encodings and versions, and its User-Agent.

    A list may be in several lines.
    """
    asked: dict[str, str] = {}
    agent = b""
    for name, value in scope["headers"]:
        if name in _ASKED:  # RFC 9110 §5.3
            before, text = asked.get(_ASKED[name]), value.decode("latin-1")
            asked[_ASKED[name]] = text if before is None else f"{before}, {text}"
        elif name == b"user-agent":
            agent = value
    return asked, agent
