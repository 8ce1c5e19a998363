"""The feeds there are: looked up, made where stories or newsletters ask for them, wanted again."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.audience.models import NewsletterRow
from publisher.audience.newsletters import list_newsletters
from publisher.errors import NotFoundError
from publisher.feeds.members import enter_known
from publisher.feeds.models import FeedArchiveRow, FeedKind, FeedRow
from publisher.feeds.scopes import SITE, Key, Scope, digest, newsletter_scope, section_scope
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.queue import wake
from publisher.store.columns import new_uuid

log = logging.getLogger(__name__)

NEWS_SITEMAP = "_sitemap-news"
OPML = "_opml"
ABOUT_FEEDS = {
    NEWS_SITEMAP: Scope(FeedKind.SITEMAP, "", "News sitemap"),
    OPML: Scope(FeedKind.OPML, "", "List of feeds"),
}
BY_STORIES = frozenset({FeedKind.AUTHOR, FeedKind.TAG})
_ORDER = [kind.value for kind in FeedKind]
_READABLE = [kind for kind in FeedKind if kind not in {FeedKind.SITEMAP, FeedKind.OPML}]


def list_feeds(session: Session, *kinds: FeedKind) -> Sequence[FeedRow]:
    """The feeds of these kinds, or all: the whole site first, then by kind and title.

    A site in one language has no feeds of languages.
    """
    rank = sa.case({kind: place for place, kind in enumerate(_ORDER)}, value=col(FeedRow.kind))
    statement = (
        select(FeedRow)
        .where(col(FeedRow.kind).in_(kinds or _READABLE))
        .order_by(rank, FeedRow.title, FeedRow.slug)
    )
    feeds = session.exec(statement).all()
    is_spoken = [feed.kind == FeedKind.LANGUAGE for feed in feeds]
    if sum(is_spoken) > 1:
        return feeds
    return [feed for feed, language in zip(feeds, is_spoken, strict=True) if not language]


def find_feed(session: Session, slug: str) -> FeedRow:
    """The feed of that slug; raises NotFoundError."""
    feed = session.get(FeedRow, slug)
    if feed is None or feed.kind not in _READABLE:
        raise NotFoundError("feed", slug)
    return feed


def readable_feed(session: Session, slug: str) -> FeedRow:
    """The feed of that slug, if readers know of it; raises NotFoundError.

    They know of no feed of the only language of a site.
    """
    feed = find_feed(session, slug)
    if feed.kind == FeedKind.LANGUAGE and feed not in list_feeds(session, FeedKind.LANGUAGE):
        raise NotFoundError("feed", slug)
    return feed


def readable_feeds(session: Session) -> list[FeedRow]:
    """The feeds that readers are told of, in the order of `list_feeds`.

    An author or a tag of which nothing is out any more is not named: it may have been a mistake.
    """
    return [feed for feed in list_feeds(session) if feed.entries or feed.kind not in BY_STORIES]


def ensure_feeds(session: Session, now: datetime) -> None:
    """Make the feeds that are missing, as `make_missing`, and have them built."""
    want(session, make_missing(session, now))


def make_missing(session: Session, now: datetime) -> list[str]:
    """Make the feeds that are missing: `all`, those of newsletters, and of sections.

    A section of stories that never went out is not yet anybody's business. Feeds of authors, tags
    and languages come with the first story that went out. Gives what `want` is to have built.
    """
    about = [slug for slug in ABOUT_FEEDS if session.get(FeedRow, slug) is None]
    for slug in sorted(about):
        _make(session, slug, ABOUT_FEEDS[slug], now)
    newsletters = list_newsletters(session, active_only=True)
    scopes = [SITE, *map(newsletter_scope, newsletters)]
    for section in _sections(session, newsletters):
        known = known_feeds(session, [section_scope(section)])
        scopes += [] if known else [section_scope(section, _section_name(session, section))]
    return [*about, *ensure_all(session, scopes, now)[1]]


def ensure_all(
    session: Session, scopes: Sequence[Scope], now: datetime
) -> tuple[list[FeedRow], list[str]]:
    """The feeds of the scopes in their order, and what is to be built because some were missing.

    They are made in the order of slugs, and nothing is wanted here: who wants several feeds must
    do so at once, or two transactions would wait for each other.
    """
    known = known_feeds(session, scopes)
    made = []
    for scope in sorted(scopes, key=lambda scope: scope.slug or ""):
        if scope.key not in known:
            feed = _ensure(session, scope, now)
            if feed is not None:
                known[scope.key] = feed
                made.append(feed)
    return [known[scope.key] for scope in scopes if scope.key in known], _news(session, made)


def _news(session: Session, made: Sequence[FeedRow]) -> list[str]:
    """What is to be built with them; feeds of languages are from the second one on."""
    if not made:
        return []
    languages = [feed.slug for feed in list_feeds(session, FeedKind.LANGUAGE)]
    others = [feed.slug for feed in made if feed.kind != FeedKind.LANGUAGE]
    return [*others, OPML, *languages]


def known_feeds(session: Session, scopes: Iterable[Scope]) -> dict[Key, FeedRow]:
    """Those feeds of the scopes that there are."""
    wanted = [
        sa.and_(col(FeedRow.kind) == scope.kind, col(FeedRow.value) == scope.value)
        for scope in scopes
    ]
    found = session.exec(select(FeedRow).where(sa.or_(*wanted)))
    return {(feed.kind, feed.value): feed for feed in found}


def want(session: Session, slugs: Iterable[str], event_id: int = 0) -> None:
    """Have feeds built again, in this order, once this is committed.

    The number wanted grows each time, so that a build which is under way counts as older news.
    Rows are locked in the order of slugs, so that two transactions never wait for each other.
    """
    wanted = list(dict.fromkeys(slugs))
    next_number = col(FeedRow.wanted_event) + 1
    number = sa.case((next_number > event_id, next_number), else_=event_id)
    for slug in sorted(wanted):
        session.execute(
            sa.update(FeedRow).where(col(FeedRow.slug) == slug).values(wanted_event=number)
        )
    for slug in wanted:
        wake(session, "publisher.feeds.build", slug=slug)


def want_whole(session: Session, slug: str) -> None:
    """Have a feed and all of its archives written again."""
    want(session, [slug])
    session.execute(
        sa.update(FeedArchiveRow)
        .where(col(FeedArchiveRow.slug) == slug)
        .values(wanted=col(FeedArchiveRow.wanted) + 1)
    )


def choose_text(
    session: Session, slug: str, *, summary_only: bool, by: Actor, now: datetime
) -> FeedRow:
    """Have a feed carry summaries only, or whole texts where rights allow; raises NotFoundError."""
    feed = find_feed(session, slug)
    if feed.summary_only != summary_only:
        feed.summary_only = summary_only
        session.add(feed)
        record(session, by, "feed.text", "feed", slug, at=now, summary_only=summary_only)
        want_whole(session, slug)
    return feed


def _ensure(session: Session, scope: Scope, now: datetime) -> FeedRow | None:
    """The feed, made here or just now by somebody else; None where it cannot be.

    Its slug never changes. Where two scopes want the same one, the second gets a mark at its end.
    """
    if scope.slug is None:
        log.warning("section %r cannot have a feed: its slug cannot be a file name", scope.value)
        return None
    for slug in (scope.slug, f"{scope.slug[:50]}-{digest(scope.kind + scope.value)}"):
        _make(session, slug, scope, now)
        found = known_feeds(session, [scope]).get(scope.key)
        if found is not None:
            return found
    return None


def _make(session: Session, slug: str, scope: Scope, now: datetime) -> None:
    """Write the row unless its slug or scope is taken."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(FeedRow)
        .values(
            slug=slug,
            uuid=new_uuid(now),
            kind=scope.kind,
            value=scope.value,
            title=scope.title,
            language=scope.value if scope.kind == FeedKind.LANGUAGE else None,
            summary_only=False,
            wanted_event=0,
            built_event=0 if scope.kind == FeedKind.LANGUAGE else -1,
            entries=0,
        )
        .on_conflict_do_nothing()
        .returning(col(FeedRow.slug))
    )
    if session.execute(statement).scalar() is not None:
        enter_known(session, slug, scope)


def _sections(session: Session, newsletters: Iterable[NewsletterRow]) -> set[str]:
    out = select(ArticleRow.section).where(col(ArticleRow.eligible_at).is_not(None)).distinct()
    chosen = (section for newsletter in newsletters for section in newsletter.sections)
    return {section for section in (*session.exec(out), *chosen) if section}


def _section_name(session: Session, section: str) -> str | None:
    """Its name as the newest story of it that went out gives it."""
    statement = (
        select(ArticleVersionRow.section_name)
        .join(ArticleRow, col(ArticleRow.version_id) == col(ArticleVersionRow.id))
        .where(ArticleRow.section == section, col(ArticleRow.eligible_at).is_not(None))
        .order_by(col(ArticleRow.eligible_at).desc())
        .limit(1)
    )
    return session.exec(statement).first()
