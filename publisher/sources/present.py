"""Shows an article as one JSON object, the way `publisher pickup --json` prints it."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from publisher.newsroom.incoming import Comments, Incoming
from publisher.newsroom.text import reading_minutes, slugify, word_count


def as_json_object(
    incoming: Incoming,
    *,
    id: str | None,  # noqa: A002 (the name of the key)
    state: str,
    reason: str | None,
    version: int | None,
) -> dict[str, Any]:
    """Return what was read and what became of it; the order of keys is part of the promise.

    Times are ISO 8601 in UTC with `Z`; what the source does not say is null, never guessed.
    """
    words = word_count(incoming.paragraphs)
    return {
        "id": id,
        "state": state,
        "reason": reason,
        "source": incoming.source,
        "external_id": incoming.external_id,
        "version": version,
        "section": incoming.section_printed or incoming.section_name or incoming.section,
        "title": incoming.title,
        "slug": slugify(incoming.title),
        "dateline": asdict(incoming.dateline) if incoming.dateline else None,
        "credit": incoming.credit,
        "byline": incoming.byline,
        "published_at": _utc(incoming.published_at),
        "url": incoming.url,
        "unparsed_head": list(incoming.unparsed_head),
        "comments": _comments(incoming.comments),
        "related": list(incoming.related),
        "word_count": words,
        "reading_minutes": reading_minutes(words),
        "paragraphs": list(incoming.paragraphs),
    }


def _comments(comments: Comments | None) -> dict[str, Any] | None:
    if comments is None:
        return None
    shown: dict[str, Any] = {"open": comments.open, "count": comments.count}
    return shown | {"url": comments.url} if comments.url else shown


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
