"""The report of an edition to take away: signed, or as a table. Neither has addresses in it."""

from collections.abc import Iterator

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from publisher.audience.models import NewsletterRow
from publisher.delivery.proof.prove import signed
from publisher.delivery.proof.table import csv_text, reader_rows
from publisher.editions.find import find_edition
from publisher.editions.models import EditionRow
from publisher.web.desk.frame import HEADERS, desk_router
from publisher.web.door import Door, door_of

router = desk_router("/desk/editions")


@router.get("/{ref}/report.json")
def signed_report(request: Request, ref: str) -> Response:
    """The file that `publisher editions verify` checks."""
    door = door_of(request)
    with door.runtime.sessions.snapshot() as session:
        edition = find_edition(session, ref)
        content = signed(session, edition, secret=_secret(door))
        headers = _attachment(session, edition, "json")
    return Response(content, media_type="application/json", headers=headers)


@router.get("/{ref}/report.csv")
def table(request: Request, ref: str) -> Response:
    """A line for each matched reader, read from the database as the browser takes it."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        headers = _attachment(session, find_edition(session, ref), "csv")
    return StreamingResponse(_lines(door, ref), media_type="text/csv", headers=headers)


def _lines(door: Door, ref: str) -> Iterator[str]:
    with door.runtime.sessions.snapshot() as session:
        edition = find_edition(session, ref)
        yield from csv_text(reader_rows(session, edition, secret=_secret(door)))


def _attachment(session: Session, edition: EditionRow, suffix: str) -> dict[str, str]:
    slug = session.get_one(NewsletterRow, edition.newsletter_id).slug
    name = f"{slug}-edition-{edition.id}.{suffix}"
    return {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}


def _secret(door: Door) -> str:
    return door.settings.secret_key.get_secret_value()
