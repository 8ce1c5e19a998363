"""Who may act at the desk: the cookie of a session, and proof that a form is our own page's.

A form is ours where the browser says that it came from our own origin, and where it carries the
session's token, which no other site can read. Either would do; each covers for the other.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response

from publisher.accounts.actor import Actor
from publisher.accounts.desk_pass import SESSION_LIFETIME, editor_of
from publisher.settings import Settings
from publisher.web.door import door_of
from publisher.web.public.forms import Form, text_of

_NO_SESSION = "There is no session in this browser, or it has ended."
_FOREIGN = "This form was not sent from the desk. Nothing was changed."
_OLD_FORM = "This form was made for another session. Nothing was changed: open the page again."


@dataclass(frozen=True, slots=True)
class Editor:
    """Whoever is at the desk; `token` goes into every form of theirs."""

    by: Actor
    token: str


def at_desk(request: Request, form: Form) -> Editor:
    """The editor whose session this is.

    Raises HTTPException 403 where there is none, and where a form is not from a page of theirs.
    """
    if request.method != "GET":
        refuse_foreign(request)
    door = door_of(request)
    secret = request.cookies.get(cookie_name(door.settings), "")
    with door.runtime.sessions.read() as session:
        by = editor_of(session, secret, door.now())
    if by is None:
        raise HTTPException(403, _NO_SESSION)
    found = Editor(by, _token(secret))
    request.state.editor = found
    sent = text_of(form, "token")
    if request.method != "GET" and not hmac.compare_digest(sent.encode(), found.token.encode()):
        raise HTTPException(403, _OLD_FORM)
    return found


AtDesk = Annotated[Editor, Depends(at_desk)]


def refuse_foreign(request: Request) -> None:
    """Raise HTTPException 403 where the browser says that another site sent this."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site != "same-origin" or (origin is not None and not _is_ours(origin, request)):
        raise HTTPException(403, _FOREIGN)


def let_in(response: Response, settings: Settings, secret: str) -> None:
    """Give the browser the session; over https under a name that no other host can set."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        secure=_https(settings),
        httponly=True,
        samesite="lax",
    )


def cookie_name(settings: Settings) -> str:
    """The name of the session's cookie (RFC 6265bis §4.1.3.2 for the prefix)."""
    return "__Host-desk" if _https(settings) else "desk"


def _https(settings: Settings) -> bool:
    return settings.base_url.startswith("https://")


def _is_ours(origin: str, request: Request) -> bool:
    """By the address readers see, or by the name this very request was sent to."""
    if origin == door_of(request).settings.base_url:
        return True
    return origin.partition("://")[2] == request.headers.get("host", "")


def _token(secret: str) -> str:
    return hmac.new(secret.encode(), b"publisher.desk.form", hashlib.sha256).hexdigest()
