"""The development mailbox in the browser: what was mailed, while no relay is set."""

from math import ceil
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from publisher.errors import NotFoundError
from publisher.mail.maildir import keys, read
from publisher.mail.reading import head, heads, opened, search
from publisher.web.desk.frame import desk_page, has_mailbox, mail_page
from publisher.web.door import door_of

PAGE = 50
PARTS, WIDTHS = ("html", "text", "headers"), ("desktop", "phone")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_AS_FILE = {"Content-Security-Policy": "sandbox", "Cache-Control": "no-store"}


def at_home(request: Request) -> None:
    """Only where there is such a mailbox, and only under a name of this machine's own.

    A stranger's page may point a name of its own at this machine and then read what it shows
    (DNS rebinding). Raises HTTPException 404.
    """
    if not has_mailbox(request):
        raise HTTPException(404)
    if _name_of(request) not in _LOOPBACK | {door_of(request).settings.host}:
        raise HTTPException(404)


def _name_of(request: Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:  # such as [bad
        return None


router = APIRouter(prefix="/mailbox", dependencies=[Depends(at_home)])


@router.get("")
def mailbox(request: Request, q: str = "", page: str = "1") -> Response:
    """The messages, the newest first; `q` is looked for in subjects and recipients."""
    folder = door_of(request).settings.mailbox_folder
    wanted = q.strip()
    found = [one.key for one in search(folder, wanted)] if wanted else keys(folder)
    pages = max(1, ceil(len(found) / PAGE))
    number = min(max(int(page) if page.isdecimal() else 1, 1), pages)
    return desk_page(
        request,
        "list.html",
        folder="mailbox",
        found=heads(folder, found[(number - 1) * PAGE : number * PAGE]),
        total=len(found),
        page=number,
        pages=pages,
        q=wanted,
    )


@router.get("/{key}")
def message(request: Request, key: str, part: str = "", width: str = "desktop") -> Response:
    """One message: as it looks, its text, or its headers."""
    folder = door_of(request).settings.mailbox_folder
    seen = opened(read(folder, key).raw)
    if part not in PARTS:
        part = "html" if seen.html else "text"
    return desk_page(
        request,
        "message.html",
        folder="mailbox",
        head=head(folder, key),
        seen=seen,
        switches={"part": part, "width": width if width in WIDTHS else "desktop"},
    )


@router.get("/{key}/html")
def html(request: Request, key: str) -> Response:
    """The message's HTML, for the frame on its page."""
    seen = opened(read(door_of(request).settings.mailbox_folder, key).raw)
    if not seen.html:
        raise NotFoundError("HTML in message", key)
    return mail_page(seen.html)


@router.get("/{key}/raw")
def raw(request: Request, key: str) -> Response:
    """The message byte for byte, as a file."""
    stored = read(door_of(request).settings.mailbox_folder, key)
    disposition = f'attachment; filename="{stored.key}.eml"'
    return Response(
        stored.raw,
        media_type="message/rfc822",
        headers={**_AS_FILE, "Content-Disposition": disposition},
    )
