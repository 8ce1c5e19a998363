"""Entering the desk: the link shows a button, the button opens the session."""

from fastapi import APIRouter, Request, Response

from publisher.accounts.desk_pass import redeem_link
from publisher.web.desk.frame import DeskRoute, back_to, desk_page
from publisher.web.desk.guard import let_in, refuse_foreign
from publisher.web.door import door_of

router = APIRouter(prefix="/desk", route_class=DeskRoute)


@router.get("/enter/{secret}")
def entrance(request: Request, secret: str) -> Response:
    """One button: mail scanners and previews that follow the link use nothing up."""
    del secret  # it is in the form's own address
    return desk_page(request, "enter.html")


@router.post("/enter/{secret}")
def enter(request: Request, secret: str) -> Response:
    """Use the link up and begin a session in this browser."""
    refuse_foreign(request)
    door = door_of(request)
    with door.runtime.sessions.begin() as session:
        opened = redeem_link(session, secret, door.now())
    response = back_to("/desk")
    let_in(response, door.settings, opened)
    return response
