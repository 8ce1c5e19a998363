"""Stories as pages show them: looked up through the gate, turned into plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup, escape
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from publisher.newsroom.exits import full_text, leavable
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.newsroom.text import direction, section_name
from publisher.pages.links import Links


@dataclass(frozen=True, slots=True)
class Card:
    """A story in a list."""

    uuid: str
    title: str
    url: str
    summary: str
    section: str
    section_name: str
    language: str
    direction: str
    published_at: datetime
    minutes: int
    byline: str | None
    image: dict[str, Any] | None
    corrected: bool


@dataclass(frozen=True, slots=True)
class Full:
    """A story on its own page; `body` is empty where only the summary may be shown."""

    card: Card
    deck: str | None
    body: Markup
    credit: str | None
    dateline: str | None
    correction: str | None
    corrected_at: datetime | None
    updated_at: datetime
    comments: dict[str, Any] | None
    source_url: str | None
    tags: tuple[str, ...]


def newest_by_section(
    session: Session, links: Links, now: datetime, *, most: int
) -> dict[str, list[Card]]:
    """The newest stories of each section, at most `most`; the section with the newest one first.

    What expired stays in the archive: the front shows what feeds show.
    """
    place = (
        sa.func.row_number()
        .over(partition_by=ArticleRow.section, order_by=_newest_first())
        .label("place")
    )
    ranked = sa.select(col(ArticleRow.id), place).where(leavable("feed", now)).subquery()
    statement = _pairs().join(ranked, ranked.c.id == ArticleRow.id).where(ranked.c.place <= most)
    cards: dict[str, list[Card]] = {}
    for article, version in session.exec(statement.order_by(*_newest_first())):
        cards.setdefault(article.section or "", []).append(card_of(article, version, links))
    return cards


def more_in(session: Session, article: ArticleRow, links: Links, now: datetime) -> list[Card]:
    """Up to five other stories of the section, newest first."""
    statement = (
        _pairs()
        .where(
            leavable("feed", now),
            ArticleRow.section == article.section,
            ArticleRow.id != article.id,
        )
        .order_by(*_newest_first())
        .limit(5)
    )
    return [card_of(other, version, links) for other, version in session.exec(statement)]


def card_of(article: ArticleRow, version: ArticleVersionRow, links: Links) -> Card:
    """The story as a list shows it."""
    section = article.section or ""
    return Card(
        uuid=article.uuid,
        title=version.title,
        url=links.article(article.uuid, version.slug),
        summary=version.summary,
        section=section,
        section_name=version.section_name or section_name(section.replace("-", " ").upper()),
        language=article.language,
        direction=direction(article.language),
        published_at=_went_out_at(article),
        minutes=version.reading_minutes,
        byline=version.byline,
        image=version.image,
        corrected=article.correction is not None,
    )


def full_of(article: ArticleRow, version: ArticleVersionRow, links: Links) -> Full:
    """The story as its own page shows it."""
    dateline = (version.dateline or {}).get("text")
    return Full(
        card=card_of(article, version, links),
        deck=version.deck,
        body=_body(version.body_html, dateline) if full_text(article, "page") else Markup(),
        credit=version.credit,
        dateline=dateline,
        correction=article.correction,
        corrected_at=article.corrected_at,
        updated_at=article.updated_at,
        comments=version.comments,
        source_url=version.url,
        tags=tuple(version.tags),
    )


def linked_data(story: Full, publication: str, home: str) -> dict[str, Any]:
    """The story for machines: schema.org NewsArticle, what is unknown left out."""
    card = story.card
    author = {"@type": "Person", "name": card.byline} if card.byline else None
    return _known(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": card.title,
            "description": card.summary,
            "inLanguage": card.language,
            "datePublished": card.published_at.isoformat(),
            "dateModified": max(story.updated_at, card.published_at).isoformat(),
            "articleSection": card.section_name,
            "author": author,
            "image": [card.image["url"]] if card.image else None,
            "dateline": story.dateline,
            "correction": story.correction,
            "keywords": list(story.tags),
            "mainEntityOfPage": card.url,
            "publisher": {"@type": "NewsMediaOrganization", "name": publication, "url": home},
        }
    )


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _pairs() -> Any:
    """Articles with their current versions, without the texts that lists do not show."""
    return (
        select(ArticleRow, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(ArticleRow.version_id))
        .options(
            defer(col(ArticleVersionRow.body_html)),  # type: ignore[arg-type]
            defer(col(ArticleVersionRow.paragraphs)),  # type: ignore[arg-type]
        )
    )


def _newest_first() -> Sequence[sa.ColumnElement[Any]]:
    """By `_went_out_at`."""
    published, eligible = col(ArticleRow.published_at), col(ArticleRow.eligible_at)
    went_out = sa.case((published <= eligible, published), else_=eligible)
    return went_out.desc(), col(ArticleRow.id).desc()


def _went_out_at(article: ArticleRow) -> datetime:
    """A claim later than the moment it first might go out is not believed."""
    latest = article.eligible_at or article.received_at
    return min(article.published_at or latest, latest)


def _body(html: str, dateline: str | None) -> Markup:
    """The text was cleaned when it came in; the dateline runs into its first paragraph."""
    if dateline and html.startswith("<p>") and dateline not in html:
        begin = f'<p><span class="dateline">{escape(dateline)}</span> '
        return Markup(begin + html.removeprefix("<p>"))  # noqa: S704 - cleaned, escaped
    return Markup(html)  # noqa: S704 - cleaned when it came in
