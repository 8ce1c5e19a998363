"""For whatever watches this process: is it alive, and can it work?"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from jinja2 import TemplateError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from publisher.audience.models import NewsletterRow
from publisher.web.door import Door, door_of

router = APIRouter()
_FRESH = {"Cache-Control": "no-store"}


@router.get("/healthz")
def healthz() -> PlainTextResponse:
    """The process is alive."""
    return PlainTextResponse("ok\n", headers=_FRESH)


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """It can work: the database answers and is at our shape, templates are there."""
    door = door_of(request)
    checks = {"database": _database(door), "templates": _templates(door)}
    ready = all(checks.values())
    words = {name: "ok" if fine else "failed" for name, fine in checks.items()}
    return JSONResponse(words, status_code=200 if ready else 503, headers=_FRESH)


def _database(door: Door) -> bool:
    try:
        with door.runtime.sessions.read() as session:
            session.exec(select(NewsletterRow.id).limit(1)).first()
    except SQLAlchemyError:
        return False
    return True


def _templates(door: Door) -> bool:
    try:
        door.env.get_template("web/public/home.html")
    except TemplateError:
        return False
    return True
