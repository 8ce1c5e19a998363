"""Tells whoever has a page already that it has not changed (RFC 9110 §13)."""

import hashlib
from datetime import datetime, timedelta

from fastapi import Request, Response

from publisher.feeds.negotiate import has_it

_HALF_A_DAY = timedelta(hours=12)
_OF_THE_BODY = {"content-length", "content-type"}


def unless_known(request: Request, page: Response, *, token: str, now: datetime) -> Response:
    """The page with its validator; 304 and the same headers for whoever has it.

    `token` is that of its form, another one each time, so the validator is weak. The token is good
    for a day: after half a day the page counts as another one, so that nobody keeps it for longer.
    """
    half = str(now.timestamp() // _HALF_A_DAY.total_seconds())
    seen = bytes(page.body).replace(token.encode(), half.encode())
    digest = hashlib.sha256(seen).hexdigest()
    page.headers["ETag"] = f'W/"{digest}"'
    page.headers["Cache-Control"] = "no-cache"
    asked = joined(request, "if-none-match")
    if asked is None or not has_it(f'"{digest}"', asked):
        return page
    kept = {name: said for name, said in page.headers.items() if name not in _OF_THE_BODY}
    return Response(status_code=304, headers=kept)


def joined(request: Request, name: str) -> str | None:
    """The header's value; a list may be in several lines (RFC 9110 §5.3)."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None
