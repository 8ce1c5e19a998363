"""Choosing newsletters and asking for them."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice
from publisher.audience.newsletters import list_newsletters
from publisher.audience.subscribe import Consent, request_subscription
from publisher.audience.subscribe import Request as Wish
from publisher.errors import (
    InvalidInputError,
    NotFoundError,
    RefusedError,
    TokenExpiredError,
    TokenInvalidError,
)
from publisher.web.door import Door, door_of
from publisher.web.public.forms import Form, ip_of, text_of, texts_of
from publisher.web.public.frame import consent_sentence, public_page

FASTEST = timedelta(seconds=2)
TRAP = "website"  # a field that people do not see
PAGE = "web/public/newsletters.html"
router = APIRouter()


@router.get("/newsletters")
def newsletters(request: Request) -> Response:
    """What there is, and the form."""
    return public_page(request, PAGE, box=False, sent=None, error=None)


@router.post("/newsletters")
def subscribe(request: Request, form: Form) -> Response:
    """Note a wish; the answer is the same whether or not the address is known."""
    door = door_of(request)
    if not text_of(form, TRAP):
        try:
            _request(door, form, ip=ip_of(request))
        except (RefusedError, NotFoundError) as error:
            return public_page(
                request, PAGE, status=422, box=False, sent=_sent(form), error=str(error)
            )
    return RedirectResponse("/newsletters/check-inbox", status_code=303)


@router.get("/newsletters/check-inbox")
def check_inbox(request: Request) -> Response:
    """What to look for, and what to do if it does not come."""
    return public_page(
        request,
        "web/public/check_inbox.html",
        box=False,
        robots="noindex",
        sender=door_of(request).settings.sender,
    )


def _request(door: Door, form: FormData, *, ip: str) -> None:
    now = door.now()
    _refuse_robots(door, text_of(form, "form"))
    choices = _choices(form)
    with door.runtime.sessions.begin() as session:
        wish = Wish(
            address=text_of(form, "address"),
            name=text_of(form, "name"),
            choices=choices,
            language=_language(door, choices),
            consent=Consent(ip=ip, page="/newsletters", sentence=consent_sentence(door)),
        )
        request_subscription(session, wish, key=door.secret, by=Actor("reader"), now=now)


def _refuse_robots(door: Door, token: str) -> None:
    """Nobody fills in a form in under two seconds, or sends one that was never shown."""
    try:
        age = door.tokens.read_form(token, door.now())
    except TokenExpiredError:
        raise InvalidInputError(
            "This page was open for a long time. Please send it again."
        ) from None
    except TokenInvalidError:
        raise InvalidInputError("Please send the form from this page.") from None
    if age < FASTEST:
        raise InvalidInputError("That was very quick. Please send the form once more.")


def _choices(form: FormData) -> tuple[Choice, ...]:
    """Cadence and sections are fields of their own for each newsletter."""
    return tuple(
        Choice(
            newsletter=slug,
            cadence=text_of(form, f"cadence-{slug}") or None,
            sections=texts_of(form, f"section-{slug}"),
        )
        for slug in texts_of(form, "newsletter")
    )


def _language(door: Door, choices: tuple[Choice, ...]) -> str:
    """The first chosen newsletter's: its readers read that."""
    wanted = {choice.newsletter for choice in choices}
    with door.runtime.sessions.read() as session:
        for row in list_newsletters(session):
            if row.slug in wanted:
                return row.language
    return door.settings.language


def _sent(form: FormData) -> dict[str, list[str]]:
    """What was sent, so that nothing has to be typed twice."""
    return {name: list(texts_of(form, name)) for name in form}
