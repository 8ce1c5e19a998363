"""What surrounds every public page: sections, feeds to be discovered, the subscribe box."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError

from publisher.audience.models import NewsletterRow
from publisher.audience.newsletters import list_newsletters
from publisher.feeds.directory import list_feeds
from publisher.feeds.models import FeedKind
from publisher.newsroom.text import section_name
from publisher.web.door import Door, door_of, page
from publisher.web.unchanged import unless_known

# Pages reached by a reader's link: the link must not travel on, be kept or be found.
PRIVATE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


FRAMED = (FeedKind.SITE, FeedKind.SECTION)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed by its slug (`all` is the whole site), its title, and the section it is of."""

    slug: str
    title: str
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A newsletter as a form offers it; sections as (slug, name)."""

    slug: str
    name: str
    description: str
    cadences: tuple[str, ...]
    sections: tuple[tuple[str, str], ...]
    zone: str
    hour: int
    weekday: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The surroundings of a page; empty where the database is away."""

    feeds: tuple[Feed, ...] = ()
    offers: tuple[Offer, ...] = ()

    @property
    def site(self) -> tuple[Feed, ...]:
        """The feed of the whole site, as soon as there is one."""
        return tuple(feed for feed in self.feeds if feed.slug == "all")

    @property
    def sections(self) -> tuple[Feed, ...]:
        """The feeds of single sections, which are the sections readers know."""
        return tuple(feed for feed in self.feeds if feed.slug != "all")

    def of_section(self, section: str | None) -> tuple[Feed, ...]:
        """The feed of one section, where there is one."""
        return tuple(feed for feed in self.sections if feed.section == section)


def public_page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    frame: Frame | None = None,
    alternates: tuple[Feed, ...] = (),
    revalidated: bool = False,
    **context: Any,
) -> Response:
    """A page for readers in its frame.

    `alternates` are feeds that programs find on this page, besides that of the whole site.
    `revalidated`: whoever has the page as it is gets a 304.
    """
    door, now = door_of(request), door_of(request).now()
    token = door.tokens.form(now)
    context.setdefault("robots", "")
    context.setdefault("box", True)
    made = page(
        door,
        template,
        status=status,
        headers=headers,
        frame=frame or frame_of(door),
        alternates=alternates,
        form_token=token,
        sentence=consent_sentence(door),
        path=request.url.path,
        **context,
    )
    return unless_known(request, made, token=token, now=now) if revalidated else made


def private_page(request: Request, template: str, **context: Any) -> Response:
    """A page that belongs to one reader's link."""
    return public_page(
        request, template, headers=PRIVATE, robots="noindex, nofollow", box=False, **context
    )


def notice(
    request: Request,
    title: str,
    text: str,
    *,
    status: int,
    headers: dict[str, str] | None = None,
    private: bool = False,
) -> Response:
    """A page that says one thing."""
    return public_page(
        request,
        "web/public/notice.html",
        status=status,
        headers={**(headers or {}), **(PRIVATE if private else {})},
        robots="noindex",
        box=not private,
        title=title,
        text=text,
    )


def frame_of(door: Door) -> Frame:
    """The frame as the database has it now; an empty one where it does not answer."""
    try:
        with door.runtime.sessions.read() as session:
            feeds = tuple(
                Feed(row.slug, row.title, row.section) for row in list_feeds(session, *FRAMED)
            )
            newsletters = list_newsletters(session, active_only=True)
    except SQLAlchemyError:
        return Frame()
    names = {feed.slug: feed.title for feed in feeds}
    return Frame(feeds, tuple(offer_of(row, row.sections, names) for row in newsletters))


def offer_of(row: NewsletterRow, sections: Iterable[str], names: Mapping[str, str]) -> Offer:
    """What a form says of a newsletter; `names` are those of sections that have one."""
    return Offer(
        slug=row.slug,
        name=row.name,
        description=row.description,
        cadences=tuple(row.cadences),
        sections=tuple((slug, names.get(slug) or _name(slug)) for slug in sections),
        zone=row.zone,
        hour=row.hour,
        weekday=row.weekday,
    )


def consent_sentence(door: Door) -> str:
    """What a reader agrees to: shown at every form and kept, word for word, with the proof."""
    return (
        f"Yes, {door.settings.site_name} may send me the newsletters I chose. "
        "Every mail has a link that ends them at once."
    )


def _name(slug: str) -> str:
    return section_name(slug.replace("-", " ").upper())
