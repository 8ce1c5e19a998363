"""From rows to what the renderer wants: the frame and the placed stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.editions.models import EditionItemRow, EditionRow, VariantItemRow
from publisher.editions.shapes import Frame, Role, StoryView
from publisher.newsroom.exits import Exit, leavable
from publisher.newsroom.incoming import Image
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.newsroom.text import section_name
from publisher.pages.links import Links
from publisher.pages.translations import why_you_get_this
from publisher.settings import Settings

FULL_STORIES = 12  # beyond these a story is a line: its headline only

# What `story_view` reads: the whole text of every story would be most of what a variant costs.
_OF_ARTICLE: tuple[Any, ...] = (
    ArticleRow.uuid,
    ArticleRow.story_id,
    ArticleRow.section,
    ArticleRow.language,
    ArticleRow.published_at,
    ArticleRow.correction,
)
_OF_VERSION: tuple[Any, ...] = (
    ArticleVersionRow.title,
    ArticleVersionRow.slug,
    ArticleVersionRow.section_name,
    ArticleVersionRow.summary,
    ArticleVersionRow.byline,
    ArticleVersionRow.credit,
    ArticleVersionRow.dateline,
    ArticleVersionRow.image,
    ArticleVersionRow.comments,
    ArticleVersionRow.reading_minutes,
)

Placed = Sequence[tuple[StoryView, Role]]


@dataclass(frozen=True, slots=True)
class Pick:
    """A story for an edition: which article, at which version."""

    article_id: int
    version_id: int


def contents(
    session: Session, edition: EditionRow, picks: Sequence[Pick], settings: Settings
) -> tuple[Frame, Placed]:
    """What a renderer needs to show these stories as this edition, in the order given."""
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    views = story_views(session, [pick.version_id for pick in picks], settings)
    placed = with_roles([views[pick.version_id] for pick in picks])
    return frame_of(edition, newsletter, settings), placed


def story_views(
    session: Session, version_ids: Sequence[int], settings: Settings
) -> dict[int, StoryView]:
    """Stories as readers see them, by the id of the version."""
    statement = (
        select(ArticleRow, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.article_id) == col(ArticleRow.id))
        .where(col(ArticleVersionRow.id).in_(version_ids))
        .options(load_only(*_OF_ARTICLE), load_only(*_OF_VERSION))
    )
    return {
        version.id or 0: story_view(article, version, settings)
        for article, version in session.exec(statement)
    }


def picks_of_variant(
    session: Session,
    edition: EditionRow,
    variant_id: int,
    *,
    still: Exit | None = None,
    now: datetime | None = None,
) -> list[Pick]:
    """The stories of a variant at their frozen versions, in order.

    With `still` and `now`, only those that may still leave there.
    """
    statement = (
        select(EditionItemRow.article_id, EditionItemRow.version_id)
        .join(
            VariantItemRow,
            (col(VariantItemRow.position) == col(EditionItemRow.position))
            & (col(VariantItemRow.variant_id) == variant_id),
        )
        .join(ArticleRow, col(ArticleRow.id) == col(EditionItemRow.article_id))
        .where(EditionItemRow.edition_id == edition.id)
        .order_by(col(EditionItemRow.position))
    )
    if still is not None and now is not None:
        statement = statement.where(leavable(still, now))
    return [Pick(*row) for row in session.exec(statement)]


def story_view(article: ArticleRow, version: ArticleVersionRow, settings: Settings) -> StoryView:
    """One story as readers see it; its link is our own page, so that a kill reaches it, too."""
    section = article.section or ""
    return StoryView(
        story_id=article.story_id,
        article_uuid=article.uuid,
        version_id=version.id or 0,
        title=version.title,
        summary=version.summary,
        url=Links(settings.base_url).article(article.uuid, version.slug),
        section=section,
        section_name=version.section_name or section_name(section) or settings.site_name,
        language=article.language,
        byline=version.byline,
        credit=version.credit,
        place=(version.dateline or {}).get("place"),
        published_at=article.published_at,
        reading_minutes=version.reading_minutes,
        image=Image(**version.image) if version.image else None,
        correction=article.correction,
        comments_url=(version.comments or {}).get("url"),
    )


def with_roles(views: Sequence[StoryView]) -> Placed:
    """The first story leads, the next ones have their summary, the rest their headline."""
    return [(view, _role(place)) for place, view in enumerate(views)]


def frame_of(edition: EditionRow, newsletter: NewsletterRow, settings: Settings) -> Frame:
    """Everything of the mail but its stories."""
    links = Links(settings.base_url)
    return Frame(
        site_name=settings.site_name,
        newsletter=newsletter.name,
        description=why_you_get_this(newsletter.name, edition.cadence or "", newsletter.language),
        edition_date=_shown_date(edition),
        zone=newsletter.zone,
        language=newsletter.language,
        postal_address=settings.postal_address,
        site_url=links.home(),
        subject=edition.subject or "",
    )


def _shown_date(edition: EditionRow) -> datetime:
    return edition.due_at or edition.frozen_at or edition.created_at


def _role(place: int) -> Role:
    if place == 0:
        return "lead"
    return "story" if place < FULL_STORIES else "line"
