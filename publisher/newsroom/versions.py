"""From an incoming article to the row of a version."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleVersionRow
from publisher.newsroom.text import reading_minutes, slugify, summarise, word_count

_SEEN = (
    "title", "deck", "summary", "section", "section_name", "language", "dateline", "credit",
    "byline", "published_at", "url", "image", "tags", "body_html", "paragraphs", "comments",
    "related", "unparsed_head", "urgency", "rights_status", "rights", "expires_at",
    "digital_source",
)  # fmt: skip


def content_of(incoming: Incoming) -> dict[str, Any]:
    """What makes one version differ from another."""
    fields = asdict(incoming)
    return {name: fields[name] for name in _SEEN}


def version_row(
    article_id: int, number: int, incoming: Incoming, content_hash: str, now: datetime
) -> ArticleVersionRow:
    """The version as a row; what the source left out is worked out from the text."""
    words = word_count(incoming.paragraphs)
    return ArticleVersionRow(
        article_id=article_id,
        number=number,
        created_at=now,
        version_at=incoming.version_at or now,
        content_hash=content_hash,
        title=incoming.title,
        slug=slugify(incoming.title)[:200],
        section_name=incoming.section_name,
        deck=incoming.deck,
        summary=incoming.summary or summarise(incoming.paragraphs),
        body_html=incoming.body_html,
        paragraphs=list(incoming.paragraphs),
        dateline=asdict(incoming.dateline) if incoming.dateline else None,
        credit=incoming.credit,
        byline=incoming.byline,
        url=incoming.url,
        image=asdict(incoming.image) if incoming.image else None,
        tags=list(incoming.tags),
        comments=asdict(incoming.comments) if incoming.comments else None,
        related=list(incoming.related),
        unparsed_head=list(incoming.unparsed_head),
        rights=asdict(incoming.rights) if incoming.rights else None,
        expires_at=incoming.expires_at,
        digital_source=incoming.digital_source,
        word_count=words,
        reading_minutes=reading_minutes(words),
    )
