"""From a variant's rows to what its renderer wants: the frame and the placed stories."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.editions.models import EditionItemRow, EditionRow, VariantItemRow
from publisher.editions.shapes import Frame, Role, StoryView
from publisher.newsroom.incoming import Image
from publisher.newsroom.models import ArticleRow, ArticleVersionRow
from publisher.newsroom.text import section_name
from publisher.pages.links import Links
from publisher.settings import Settings

FULL_STORIES = 12  # beyond these a story is a line: its headline only

Placed = Sequence[tuple[StoryView, Role]]


def variant_contents(
    session: Session, edition: EditionRow, variant_id: int, settings: Settings
) -> tuple[Frame, Placed]:
    """What the readers of this variant get, at the versions frozen in the edition."""
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    statement = (
        select(ArticleRow, ArticleVersionRow)
        .join(VariantItemRow, col(VariantItemRow.article_id) == col(ArticleRow.id))
        .join(
            EditionItemRow,
            (col(EditionItemRow.edition_id) == edition.id)
            & (col(EditionItemRow.position) == col(VariantItemRow.position)),
        )
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(EditionItemRow.version_id))
        .where(VariantItemRow.variant_id == variant_id)
        .order_by(col(VariantItemRow.position))
    )
    views = [story_view(article, version, settings) for article, version in session.exec(statement)]
    return frame_of(edition, newsletter, settings), with_roles(views)


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
        description=newsletter.description,
        cadence=edition.cadence or "",
        edition_date=_shown_date(edition),
        zone=newsletter.zone,
        language=newsletter.language,
        postal_address=settings.postal_address,
        site_url=links.home(),
        newsletters_url=links.newsletters(),
        subject=edition.subject or "",
    )


def _shown_date(edition: EditionRow) -> datetime:
    return edition.due_at or edition.frozen_at or edition.created_at


def _role(place: int) -> Role:
    if place == 0:
        return "lead"
    return "story" if place < FULL_STORIES else "line"
