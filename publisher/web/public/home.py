"""The front page, and what machines look for beside it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from publisher.web.door import door_of
from publisher.web.public.frame import frame_of, public_page
from publisher.web.public.stories import Card, newest_by_section

A_SECTION = 5
WIDE = 3  # stories that make a section as wide as the page
BESIDE = 3
router = APIRouter()
_ROBOTS = """User-agent: *
Disallow: /confirm/
Disallow: /unsubscribe/
Disallow: /view/
Disallow: /desk
Disallow: /mailbox
"""


@router.get("/")
def home(request: Request) -> Response:
    """The newest stories of each section."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        sections = newest_by_section(session, door.links, door.now(), most=A_SECTION + 1)
    leads = sorted(
        (cards[0] for cards in sections.values()), key=lambda card: card.published_at, reverse=True
    )[: 1 + BESIDE]
    frame = frame_of(door)
    return public_page(
        request,
        "web/public/home.html",
        frame=frame,
        alternates=frame.sections,
        leads=leads,
        sections=_shelves(sections, leads),
    )


@router.get("/robots.txt")
def robots(request: Request) -> PlainTextResponse:
    """Keep crawlers off readers' links and the desk, and show them the news."""
    sitemap = door_of(request).links.news_sitemap()
    return PlainTextResponse(f"{_ROBOTS}\nSitemap: {sitemap}\n")


def _shelves(sections: dict[str, list[Card]], leads: list[Card]) -> dict[str, list[Card]]:
    """What the top of the page does not show; sections with little left come last, in pairs."""
    rest = {slug: [card for card in cards if card not in leads] for slug, cards in sections.items()}
    shelves = [(slug, cards[:A_SECTION]) for slug, cards in rest.items() if cards]
    return dict(sorted(shelves, key=lambda shelf: len(shelf[1]) < WIDE))
