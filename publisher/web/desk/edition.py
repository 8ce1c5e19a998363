"""One edition at the desk: where it stands, and its mail as any reader gets it."""

from typing import Any, NamedTuple

from fastapi import HTTPException, Request, Response
from sqlmodel import Session

from publisher.audience.models import NewsletterRow, SubscriptionRow
from publisher.audience.unsubscribe import subscription_to
from publisher.delivery.destinations import held_destinations
from publisher.delivery.gone import surges
from publisher.delivery.preview import Preview, preview
from publisher.delivery.proof.sums import Domains, Reasons, by_domain, by_reason
from publisher.delivery.report import Report, report
from publisher.delivery.roll import deliveries_in
from publisher.editions.bulk import count_matched
from publisher.editions.find import find_edition
from publisher.editions.models import DeliveryState, EditionRow, EditionState
from publisher.editions.samples import sample_readers
from publisher.errors import PublisherError
from publisher.web.desk.edition_doubts import doubts_of
from publisher.web.desk.frame import desk_page, desk_router, mail_page
from publisher.web.desk.standing import Standing, standing_of
from publisher.web.door import Door, door_of

PARTS, WIDTHS = ("html", "text", "headers"), ("desktop", "phone")
SIZE_LIMIT_BYTES = 80 * 1024
MOST_DELIVERIES = 200
MOST_DOMAINS = 8
TROUBLE = (DeliveryState.REFUSED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)
router = desk_router("/desk/editions")


class Refusals(NamedTuple):
    """What was refused, put off or is uncertain, in two ways."""

    domains: Domains
    reasons: Reasons


@router.get("/{ref}")
def edition(
    request: Request,
    ref: str,
    reader: str = "",
    part: str = "html",
    width: str = "desktop",
) -> Response:
    """The edition's page; `reader` is a subscription's id, nobody's is one who wants everything."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        row, newsletter = _edition(session, ref)
        subscription = _subscription(session, row, reader)
        found, standing = _standing(door, session, row, newsletter)
        shown, problem = _shown(door, session, row, subscription)
        samples = sample_readers(session, row)
        trouble = _trouble(door, session, row)
        refusals = _refusals(session, row, found)
        doubts = doubts_of(door, session, row, found)
    return desk_page(
        request,
        "edition.html",
        area="editions",
        edition=row,
        newsletter=newsletter,
        report=found,
        standing=standing,
        **trouble,
        not_accepted=refusals,
        doubts=doubts,
        shown=shown,
        problem=problem,
        samples=samples,
        switches={
            "reader": reader,
            "part": part if part in PARTS else "html",
            "width": width if width in WIDTHS else "desktop",
        },
        limit=SIZE_LIMIT_BYTES,
        still="still" in request.query_params,
    )


@router.get("/{ref}/progress")
def progress(request: Request, ref: str) -> Response:
    """The part of the edition's page that changes while it is sent, for the page's own script."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        row, newsletter = _edition(session, ref)
        found, standing = _standing(door, session, row, newsletter)
        trouble = _trouble(door, session, row)
    return desk_page(
        request,
        "edition_standing.html",
        edition=row,
        newsletter=newsletter,
        report=found,
        standing=standing,
        **trouble,
    )


@router.get("/{ref}/mail")
def mail(request: Request, ref: str, reader: str = "") -> Response:
    """The mail's HTML, for the frame on the edition's page."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        row, _ = _edition(session, ref)
        subscription = _subscription(session, row, reader)
        shown = preview(door.press, session, row, subscription, door.now())
    return mail_page(shown.html)


@router.get("/{ref}/deliveries/{state}")
def deliveries(request: Request, ref: str, state: str) -> Response:
    """The deliveries in one state, reader by reader."""
    if state not in set(DeliveryState):
        raise HTTPException(404, "There is no such state of a delivery.")
    with door_of(request).runtime.sessions.read() as session:
        row, newsletter = _edition(session, ref)
        found = deliveries_in(session, row, DeliveryState(state), limit=MOST_DELIVERIES + 1)
    return desk_page(
        request,
        "deliveries.html",
        area="editions",
        edition=row,
        newsletter=newsletter,
        state=state,
        found=found[:MOST_DELIVERIES],
        more=len(found) > MOST_DELIVERIES,
    )


def _edition(session: Session, ref: str) -> tuple[EditionRow, NewsletterRow]:
    row = find_edition(session, ref)
    return row, session.get_one(NewsletterRow, row.newsletter_id)


def _subscription(session: Session, row: EditionRow, reader: str) -> SubscriptionRow | None:
    if not reader:
        return None
    subscription, newsletter = subscription_to(session, reader)
    if newsletter.id != row.newsletter_id:
        raise HTTPException(404, "That reader does not get this newsletter.")
    return subscription


def _standing(
    door: Door, session: Session, row: EditionRow, newsletter: NewsletterRow
) -> tuple[Report, Standing]:
    found = report(session, row)
    matching = count_matched(session, row) if row.frozen_at is None else 0
    zone = newsletter.zone
    return found, standing_of(row, found, matching=matching, now=door.now(), zone=zone)


def _trouble(door: Door, session: Session, row: EditionRow) -> dict[str, Any]:
    """Domains that do not take our mail as they should, as the page tells of them."""
    sending = row.state == EditionState.SENDING
    held = held_destinations(session, door.now()) if sending else []
    return {"held": held, "surges": surges(session, row)}


def _refusals(session: Session, row: EditionRow, found: Report) -> Refusals | None:
    """What was not accepted, by domain and reason; None where all is well."""
    if not found.refused + found.deferred + found.uncertain:
        return None
    return Refusals(
        by_domain(session, row, states=TROUBLE, most=MOST_DOMAINS),
        by_reason(session, row, states=TROUBLE),
    )


def _shown(
    door: Door, session: Session, row: EditionRow, subscription: SubscriptionRow | None
) -> tuple[Preview | None, str]:
    """The mail; or why there is none, as whoever sent it would be told."""
    try:
        return preview(door.press, session, row, subscription, door.now()), ""
    except PublisherError as error:
        return None, str(error)
