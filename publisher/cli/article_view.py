"""An article as the command line shows it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from publisher.cli.times import shown
from publisher.errors import InvalidInputError
from publisher.newsroom.exits import EXITS, may_leave
from publisher.newsroom.models import (
    ArticleEventRow,
    ArticleRow,
    ArticleState,
    ArticleVersionRow,
)
from publisher.newsroom.states import in_words
from publisher.pages.links import Links
from publisher.store import Runtime


def article_object(article: ArticleRow, version: ArticleVersionRow) -> dict[str, Any]:
    """The object that --json prints: the keys of a pick-up, and what the newsroom adds."""
    return {
        "id": article.uuid,
        "state": article.state.value,
        "reason": article.reason,
        "source": article.source,
        "external_id": article.external_id,
        "version": article.version,
        "section": version.section_name or article.section,
        "title": version.title,
        "slug": version.slug,
        "dateline": version.dateline,
        "credit": version.credit,
        "byline": version.byline,
        "published_at": _utc(article.published_at),
        "url": version.url,
        "unparsed_head": version.unparsed_head,
        "comments": version.comments,
        "related": version.related,
        "word_count": version.word_count,
        "reading_minutes": version.reading_minutes,
        "paragraphs": version.paragraphs,
        "language": article.language,
        "received_at": _utc(article.received_at),
        "embargo_until": _utc(article.embargo_until),
        "corrected_at": _utc(article.corrected_at),
        "correction": article.correction,
        "rights": version.rights,
        "expires_at": _utc(version.expires_at),
        "digital_source": version.digital_source,
    }


def article_sheet(
    session: Session, article: ArticleRow, version: ArticleVersionRow, runtime: Runtime
) -> Iterator[tuple[str, object]]:
    """The facts for people, a line each; times on the newsroom's clocks."""
    zone = runtime.settings.zone
    yield "Headline", version.title
    yield "Id", article.uuid
    yield "State", in_words(article.state) + (f": {article.reason}" if article.reason else "")
    yield "May leave by", _exits(article, runtime.clock())
    yield "Section", version.section_name or article.section
    yield "From", f"{article.source}, {article.external_id} (version {article.version})"
    yield "Dateline", (version.dateline or {}).get("text")
    yield "Byline", version.byline
    yield "Length", f"{version.word_count} words, {version.reading_minutes} minutes"
    yield "Published", shown(article.published_at, zone)
    yield "Received", shown(article.received_at, zone)
    yield "Embargo", shown(article.embargo_until, zone)
    yield "Correction", article.correction
    yield "Rights", ", ".join(filter(None, (version.rights or {}).values()))
    yield "Expires", shown(version.expires_at, zone)
    yield "Digital source", version.digital_source
    yield "Page", Links(runtime.settings.base_url).article(article.uuid, version.slug)
    yield "Summary", version.summary
    for event in _history(session, article):
        reason = f": {event.reason}" if event.reason else ""
        yield shown(event.at, zone), f"{event.event} by {event.actor}{reason}"


def state_named(name: str) -> ArticleState:
    """The state of that name, written with blanks, hyphens or underscores."""
    try:
        return ArticleState(name.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        listed = ", ".join(state.value for state in ArticleState)
        raise InvalidInputError(f"“{name}” is no state. Choose from: {listed}.") from None


def _exits(article: ArticleRow, now: datetime) -> str:
    return ", ".join(exit_ for exit_ in EXITS if may_leave(article, exit_, now)) or "nothing"


def _history(session: Session, article: ArticleRow) -> Iterator[ArticleEventRow]:
    statement = (
        select(ArticleEventRow)
        .where(ArticleEventRow.article_id == article.id)
        .order_by(col(ArticleEventRow.id))
    )
    yield from session.exec(statement)


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
