"""What an editor may do with an edition, and asking about one reader of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from fastapi import HTTPException, Request, Response
from sqlmodel import Session

from publisher.accounts.actor import Actor
from publisher.audience.addresses import address_key
from publisher.audience.lookup import readers_like
from publisher.audience.models import NewsletterRow
from publisher.delivery.breaker import resume_by_hand
from publisher.delivery.why import Why, why
from publisher.editions import commands
from publisher.editions.bulk import count_matched
from publisher.editions.find import find_edition
from publisher.editions.models import EditionRow, EditionState
from publisher.errors import InvalidInputError
from publisher.web.desk.frame import back_to, desk_page, desk_router
from publisher.web.desk.guard import AtDesk
from publisher.web.desk.times import moment_of
from publisher.web.door import Door, door_of
from publisher.web.public.forms import Form, text_of

router = desk_router("/desk/editions")
Act = Callable[[Session, EditionRow, Actor, datetime], None]
STOPPABLE = (EditionState.SENDING, EditionState.PAUSED)


def _send(session: Session, edition: EditionRow, by: Actor, now: datetime) -> None:
    commands.send(session, edition, hold=commands.DESK_HOLD, by=by, now=now)


def _cancel(session: Session, edition: EditionRow, by: Actor, now: datetime) -> None:
    commands.cancel(session, edition, by=by, now=now)


def _pause(session: Session, edition: EditionRow, by: Actor, now: datetime) -> None:
    commands.pause(session, edition, by=by, now=now)


def _resume(session: Session, edition: EditionRow, by: Actor, now: datetime) -> None:
    resume_by_hand(session, edition, by=by, now=now)


def _stop(session: Session, edition: EditionRow, by: Actor, now: datetime) -> None:
    commands.stop(session, edition, by=by, now=now)


ACTS: Mapping[str, Act] = {
    "send": _send,
    "cancel": _cancel,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
}


@router.get("/{ref}/stop")
def ask_to_stop(request: Request, ref: str) -> Response:
    """The page before stopping, which cannot be undone."""
    with door_of(request).runtime.sessions.read() as session:
        edition = find_edition(session, ref)
        newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    if edition.state not in STOPPABLE:
        raise InvalidInputError("Only an edition that is being sent, or is paused, can be stopped.")
    return desk_page(
        request, "edition_stop.html", area="editions", edition=edition, newsletter=newsletter
    )


@router.get("/{ref}/schedule")
def ask_when(request: Request, ref: str) -> Response:
    """The form for a time; it begins with the time there is, or the newsletter's next hour."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        edition = find_edition(session, ref)
        newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    at = edition.due_at or door.now()
    here = at.astimezone(ZoneInfo(newsletter.zone))
    time = f"{here:%H:%M}" if edition.due_at else f"{newsletter.hour:02}:00"
    filled = {"date": f"{here:%Y-%m-%d}", "time": time, "zone": newsletter.zone}
    return _scheduling(request, ref, filled)


@router.post("/{ref}/schedule")
def schedule(request: Request, desk: AtDesk, form: Form, ref: str) -> Response:
    """Schedule it; where the time is refused, the form comes back as it was filled in."""
    door = door_of(request)
    filled = {name: text_of(form, name) for name in ("date", "time", "zone")}
    try:
        due = moment_of(filled["date"], filled["time"], filled["zone"], door.now())
        with door.runtime.sessions.begin() as session:
            edition = find_edition(session, ref, lock=True)
            commands.schedule(session, edition, due, by=desk.by, now=door.now())
    except InvalidInputError as error:
        return _scheduling(request, ref, filled, error=str(error))
    return back_to(f"/desk/editions/{edition.id}", "schedule")


@router.post("/{ref}/reader")
def reader(request: Request, form: Form, ref: str) -> Response:
    """Why a reader did or did not get it; asked by POST, so that no address is in an address."""
    door = door_of(request)
    text = text_of(form, "address").strip()
    with door.runtime.sessions.read() as session:
        edition = find_edition(session, ref)
        newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
        found = [
            (subscriber, subscription, why(session, subscriber.address_key, edition))
            for subscriber, subscription in readers_like(session, newsletter, text)
        ]
        stranger = None if found else _about_stranger(door, session, edition, text)
    return desk_page(
        request,
        "edition_reader.html",
        area="editions",
        edition=edition,
        newsletter=newsletter,
        text=text,
        found=found,
        stranger=stranger,
    )


@router.post("/{ref}/{act}")
def do(request: Request, desk: AtDesk, ref: str, act: str) -> Response:
    """Send, cancel, pause, resume or stop; refused where the edition's state does not allow it."""
    if act not in ACTS:
        raise HTTPException(404, "There is no such act.")
    door = door_of(request)
    with door.runtime.sessions.begin() as session:
        edition = find_edition(session, ref, lock=True)
        ACTS[act](session, edition, desk.by, door.now())
    return back_to(f"/desk/editions/{edition.id}", act)


def _scheduling(
    request: Request, ref: str, filled: Mapping[str, str], *, error: str = ""
) -> Response:
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        edition = find_edition(session, ref)
        newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
        readers = count_matched(session, edition)
    return desk_page(
        request,
        "edition_schedule.html",
        status=422 if error else 200,
        area="editions",
        edition=edition,
        newsletter=newsletter,
        readers=readers,
        filled=filled,
        error=error,
        zones=sorted(available_timezones()),
    )


def _about_stranger(door: Door, session: Session, edition: EditionRow, text: str) -> Why | None:
    """What is known of an address that no reader of this newsletter has; None if it is none."""
    try:
        key = address_key(door.secret, text)
    except InvalidInputError:
        return None
    return why(session, key, edition)
