"""Deliveries in doubt at the desk: shown on the edition's page, sent again by a button there."""

from fastapi import Request, Response
from sqlmodel import Session

from publisher.delivery.doubts import Doubt, list_doubts, resend
from publisher.delivery.report import Report, report
from publisher.editions.find import find_edition
from publisher.editions.models import EditionRow
from publisher.errors import InvalidInputError
from publisher.web.desk.frame import back_to, desk_router
from publisher.web.desk.guard import AtDesk
from publisher.web.door import Door, door_of
from publisher.web.public.forms import Form, text_of

MOST_SHOWN = 20
router = desk_router("/desk/editions")


def doubts_of(door: Door, session: Session, edition: EditionRow, found: Report) -> list[Doubt]:
    """The first of the edition's deliveries in doubt; whether there are any, the report knows."""
    if not found.uncertain:
        return []
    return list_doubts(session, edition, secret=door.secret, limit=MOST_SHOWN)


@router.post("/{ref}/resend")
def send_again(request: Request, desk: AtDesk, form: Form, ref: str) -> Response:
    """Send all that are in doubt once more, if they are as many as the editor was shown."""
    door = door_of(request)
    with door.runtime.sessions.begin() as session:
        edition = find_edition(session, ref, lock=True)
        count = report(session, edition).uncertain
        if count and text_of(form, "count") != str(count):
            raise InvalidInputError(
                f"By now {count} deliveries are uncertain. Go back and look at the list again."
            )
        resend(session, edition, by=desk.by, now=door.now())
    return back_to(f"/desk/editions/{edition.id}", "resend")
