"""One article as readers would see it, before it is anywhere: a mail and a feed. Pure."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment

from publisher.delivery.press import filled, nobodys_values
from publisher.editions.blocks import BlockCache
from publisher.editions.contents import story_view, with_roles
from publisher.editions.render import render_variant
from publisher.editions.shapes import Frame, RenderedVariant
from publisher.feeds.fragments import Writer
from publisher.feeds.models import FeedRow
from publisher.feeds.render import render_feed
from publisher.feeds.scopes import ALL
from publisher.feeds.select import Selection
from publisher.mail.splice import make_slots
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow
from publisher.newsroom.receive import content_hash
from publisher.newsroom.versions import version_row
from publisher.pages.environment import render
from publisher.pages.links import Links
from publisher.settings import Settings

SEED = "preview"
PAGE = "web/preview.html"


@dataclass(frozen=True, slots=True)
class Proof:
    """Files by name; `index.html` shows the others."""

    subject: str
    html_bytes: int
    warnings: tuple[str, ...]
    files: dict[str, bytes]


def proof_of(incoming: Incoming, settings: Settings, env: Environment, now: datetime) -> Proof:
    """The article in a digest of its own and in a feed of its own.

    Raises RefusedError or TemplateBrokenError where the real ones would.
    """
    article, version = _rows(incoming, now)
    mail = _mail(article, version, settings, env, now)
    selection = Selection(stories=[(article, version)], gone=[])
    feed = FeedRow(slug=ALL, uuid=_uuid("feed"), title="All stories")
    writer = Writer(Links(settings.base_url), env)
    documents = render_feed(feed, selection, settings, writer).documents
    files = {
        "mail.html": mail.html.encode(),
        "mail.txt": mail.text.encode(),
        **{f"feed.{name}": document for name, document in documents.items()},
    }
    page = render(
        env,
        PAGE,
        mail=mail,
        feeds={name: document.decode() for name, document in documents.items()},
    )
    return Proof(
        mail.subject, mail.html_bytes, mail.warnings, {"index.html": page.encode(), **files}
    )


def _mail(
    article: ArticleRow,
    version: ArticleVersionRow,
    settings: Settings,
    env: Environment,
    now: datetime,
) -> RenderedVariant:
    links = Links(settings.base_url)
    frame = Frame(
        site_name=settings.site_name,
        newsletter="Preview",
        description="You see a preview of one article.",
        edition_date=now,
        zone=settings.zone,
        language=article.language,
        postal_address=settings.postal_address,
        site_url=links.home(),
    )
    slots = make_slots(SEED)
    placed = with_roles([story_view(article, version, settings)])
    mail = render_variant(frame, placed, slots, BlockCache(), env)
    values = nobodys_values(links)
    return RenderedVariant(
        mail.subject,
        mail.preheader,
        filled(mail.html, slots, values),
        filled(mail.text, slots, values),
        mail.html_bytes,
        mail.warnings,
    )


def _rows(incoming: Incoming, now: datetime) -> tuple[ArticleRow, ArticleVersionRow]:
    """The rows that the newsroom would write, kept nowhere."""
    article = ArticleRow(
        id=1,
        uuid=_uuid(incoming.external_id),
        story_id=1,
        source=incoming.source,
        external_id=incoming.external_id,
        state=ArticleState.PUBLISHED,
        version_id=1,
        version=1,
        language=incoming.language,
        section=incoming.section,
        rights_status=incoming.rights_status,
        published_at=incoming.published_at,
        received_at=now,
        eligible_at=now,
        updated_at=now,
        correction=incoming.note if incoming.signal == "correction" else None,
    )
    version = version_row(1, 1, incoming, content_hash(incoming), now)
    version.id = 1
    return article, version


def _uuid(name: str) -> str:
    """The same each time, so that two previews of a file can be compared."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
