"""The directory of feeds, and the documents themselves."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from publisher.errors import NotFoundError
from publisher.web.door import door_of
from publisher.web.public.frame import public_page

router = APIRouter()


@router.get("/feeds")
def directory(request: Request) -> HTMLResponse:
    """Every feed in every format, and what a feed is."""
    return public_page(request, "web/public/feeds.html")


@router.get("/feeds/{slug}.{fmt}")
def document(request: Request, slug: str, fmt: str) -> Response:
    """One document from its file: no database, no template, no XML."""
    answer = door_of(request).feeds.answer(
        slug,
        fmt,
        if_none_match=request.headers.get("if-none-match"),
        if_modified_since=request.headers.get("if-modified-since"),
    )
    if answer.status == 404:  # noqa: PLR2004 - as HTTP has it
        raise NotFoundError("feed", f"{slug}.{fmt}")
    return Response(answer.body, status_code=answer.status, headers=answer.headers)
