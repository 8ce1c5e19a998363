"""Feeds for people: the directory of them, and a page for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from publisher.errors import NotFoundError
from publisher.feeds.directory import BY_STORIES, readable_feed, readable_feeds
from publisher.feeds.models import FeedKind, FeedRow
from publisher.feeds.paths import MEDIA_TYPES, is_slug
from publisher.feeds.select import is_taken_back, latest
from publisher.web.door import Door, door_of
from publisher.web.guards import HEADERS
from publisher.web.public.frame import Feed, Frame, Offer, frame_of, notice, public_page
from publisher.web.public.stories import card_of

# The pages work without the script; it copies addresses.
_WITH_SCRIPT = {
    "Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; script-src 'self'"
}
_LATEST = 20
MOST = 200  # feeds of a group that the directory shows; the others are in the list of all
_GROUPS = (
    (FeedKind.SITE, "The whole site"),
    (FeedKind.SECTION, "Sections"),
    (FeedKind.AUTHOR, "Authors"),
    (FeedKind.TAG, "Tags"),
    (FeedKind.LANGUAGE, "Languages"),
    (FeedKind.NEWSLETTER, "Newsletters"),
)
_BRINGS = {
    FeedKind.SITE: "Every story we publish.",
    FeedKind.SECTION: "Every story in {title}.",
    FeedKind.AUTHOR: "Every story by {title}.",
    FeedKind.TAG: "Every story tagged “{title}”.",
    FeedKind.LANGUAGE: "Every story in this language.",
    FeedKind.NEWSLETTER: "The stories that {title} chooses from, without waiting for the mail.",
}
_HOSTED_READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed/{}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    ("NewsBlur", "https://www.newsblur.com/?url={}"),
)
_NEVER = datetime.min.replace(tzinfo=UTC)
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """A feed as a page shows it; `brings` is a sentence."""

    slug: str
    title: str
    brings: str
    entries: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """Feeds of a kind, `count` in all; where they are too many, those that changed last."""

    name: str
    lines: list[Line]
    count: int


@router.get("/feeds")
def directory(request: Request, format: str = "rss") -> Response:  # noqa: A002 - as readers see it
    """Every feed with its address in the chosen format, and what a feed is."""
    door = door_of(request)
    with door.runtime.sessions.read() as session:
        groups = list(_groups(readable_feeds(session)))
    return public_page(
        request,
        "web/public/feeds.html",
        headers=_WITH_SCRIPT,
        revalidated=True,
        groups=groups,
        chosen=format if format in MEDIA_TYPES else "rss",
    )


@router.get("/feeds/{slug}")
def feed_page(request: Request, slug: str) -> Response:
    """One feed: its addresses, how to subscribe, and what it carries now."""
    door, frame = door_of(request), frame_of(door_of(request))
    if not is_slug(slug):
        raise NotFoundError("feed", ascii(slug))
    with door.runtime.sessions.read() as session:
        feed = readable_feed(session, slug)
        stories = latest(session, slug, door.now(), most=_LATEST)
        if not stories and feed.kind in BY_STORIES and is_taken_back(session, slug):
            return _taken_back(request)
        cards = [card_of(article, version, door.links) for article, version in stories]
    return public_page(
        request,
        "web/public/feed.html",
        headers=_WITH_SCRIPT,
        revalidated=True,
        frame=frame,
        alternates=_offered(feed, is_empty=not cards),
        feed=line_of(feed),
        summary_only=feed.summary_only,
        cards=cards,
        by_mail=_by_mail(feed, frame),
        readers=_hosted_readers(door, slug),
    )


def line_of(feed: FeedRow) -> Line:
    """The feed in words."""
    title = "All stories" if feed.kind == FeedKind.SITE else feed.title
    brings = _BRINGS[feed.kind].format(title=title)
    return Line(feed.slug, title, brings, feed.entries, feed.changed_at)


def _groups(feeds: Iterable[FeedRow]) -> Iterator[Group]:
    """Groups with their lines by title; feeds come ordered by kind."""
    by_kind = {kind: list(members) for kind, members in groupby(feeds, lambda feed: feed.kind)}
    for kind, name in _GROUPS:
        if kind in by_kind:
            lines = list(map(line_of, by_kind[kind]))
            yield Group(name, _shown(lines), len(lines))


def _shown(lines: list[Line]) -> list[Line]:
    newest = sorted(lines, key=lambda line: line.changed_at or _NEVER, reverse=True)[:MOST]
    return sorted(newest, key=lambda line: line.title.casefold())


def _offered(feed: FeedRow, *, is_empty: bool) -> tuple[Feed, ...]:
    """What programs find on its page: nothing of an author or a tag with no story, as in lists."""
    is_hidden = is_empty and feed.kind in BY_STORIES
    return () if is_hidden or feed.kind == FeedKind.SITE else (Feed(feed.slug, feed.title),)


def _by_mail(feed: FeedRow, frame: Frame) -> list[Offer]:
    """Newsletters that bring the same stories by mail."""
    if feed.kind == FeedKind.NEWSLETTER:
        return [offer for offer in frame.offers if offer.slug == feed.value]
    if feed.kind == FeedKind.SITE:
        return [offer for offer in frame.offers if not offer.sections]
    if feed.kind != FeedKind.SECTION:
        return []
    return [
        offer
        for offer in frame.offers
        if not offer.sections or feed.value in {slug for slug, _ in offer.sections}
    ]


def _hosted_readers(door: Door, slug: str) -> list[tuple[str, str]]:
    """Where readers of other houses take the address."""
    address = door.links.feed(slug, "rss")
    return [(name, url.format(quote(address, safe=""))) for name, url in _HOSTED_READERS]


def _taken_back(request: Request) -> Response:
    """Its name stays unsaid: it may have been a mistake."""
    return notice(
        request,
        "Nothing is left of this feed",
        "What was in it has been taken back, or stands in another feed now.",
        status=410,
    )
