"""Feeds of partners: answered to whoever sends a token, and to nobody else."""

import base64
import logging
from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import OperationalError
from starlette.background import BackgroundTask

from publisher.feeds.partners.shelf import PRIVATE
from publisher.feeds.partners.tokens import Holder, holder_of, is_to_be_noted, note_use
from publisher.store import Runtime
from publisher.web.door import Door, door_of
from publisher.web.unchanged import joined

log = logging.getLogger(__name__)

router = APIRouter()
LONGEST_CREDENTIALS = 1000
CHALLENGES = ('Basic realm="Partners", charset="UTF-8"', 'Bearer realm="Partners"')
WHO_ARE_YOU = """This address is for partners of our newsroom.

Send your token in the Authorization header, as a bearer token:

    Authorization: Bearer TOKEN

or as the password of HTTP Basic authentication, with any user name. If you do and still read this,
the token was mistyped or revoked; ask our newsroom for another one.
"""
NOTHING = "There is nothing here for you. The address may be mistyped.\n"


@router.get("/partners")
@router.get("/partners/{path:path}")
def partner_document(request: Request, path: str = "") -> Response:
    """A partner's feed or one story of it.

    Without a good token every address below is 401, whether there is something or not; with one,
    what is not the holder's own is 404 in the same way.
    """
    door, token = door_of(request), token_in(request.headers.getlist("authorization"))
    now = door.now()
    with door.runtime.sessions.snapshot() as session:
        holder = holder_of(session, token)
        if holder is None:
            return _refused()
        document = door.partners.document(session, holder.contract, path, now)
    if document is None:
        response = Response(NOTHING, 404, PRIVATE, "text/plain")
    else:
        answer = document.answer(
            accept_encoding=joined(request, "accept-encoding"),
            if_none_match=joined(request, "if-none-match"),
        )
        response = Response(answer.body, answer.status, answer.headers)
    response.background = _noting(door, holder, now)
    return response


def token_in(headers: list[str]) -> str | None:
    """The token in the Authorization header: bearer (RFC 6750), or Basic's password (RFC 7617).

    A user name is never taken for it: servers in between write user names into their logs.
    """
    if len(headers) != 1 or len(headers[0]) > LONGEST_CREDENTIALS:
        return None
    scheme, _, credentials = headers[0].strip().partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return None
    try:
        said = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        return None
    return said.partition(":")[2].strip()


def _refused() -> Response:
    response = Response(WHO_ARE_YOU, 401, PRIVATE, "text/plain")
    for challenge in CHALLENGES:
        response.headers.append("WWW-Authenticate", challenge)
    return response


def _noting(door: Door, holder: Holder, now: datetime) -> BackgroundTask | None:
    """After the answer, at most once an hour: nobody waits for it, and it may fail."""
    if not is_to_be_noted(holder, now):
        return None
    return BackgroundTask(_note, door.runtime, holder.key, now)


def _note(runtime: Runtime, key: str, now: datetime) -> None:
    try:
        with runtime.sessions.begin() as session:
            note_use(session, key, now)
    except OperationalError:
        log.warning("the use of token %s could not be noted", key)
