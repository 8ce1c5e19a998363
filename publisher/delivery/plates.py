"""Plates: what a process keeps of an edition that it sends, for all the variants of it.

An edition is frozen, so its stories are read once and each block is rendered once. Two things may
change nevertheless while it is sent: its newsletter, whose sender is mended while it is paused, and
what is said of a story, because a correction stands in every mail still to go. Each window asks for
both; what has changed is printed anew.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.editions.blocks import Looks
from publisher.editions.contents import Placed, frame_of, story_views, with_roles
from publisher.editions.models import EditionItemRow, EditionRow, VariantItemRow
from publisher.editions.shapes import Frame, StoryView
from publisher.mail.dkim import Signer
from publisher.mail.mime import Skeleton
from publisher.newsroom.models import ArticleEventRow
from publisher.settings import Settings

KEPT_EDITIONS = 4  # several may go out in turns, at seven in the morning
KEPT_VARIANTS = 8  # of each: the batches of a variant follow each other

# How often the stories of an edition had news, and its newsletter's row: see `news_columns`.
News = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A variant ready to be mailed: its skeleton, whom its mails come from and who signs them.

    `moment` is the edition's own, so that a message sent again has the same bytes.
    """

    skeleton: Skeleton
    edition_id: int
    edition_uuid: str
    sender: str
    message_domain: str
    moment: datetime
    signers: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class Plates:
    """An edition and its newsletter as they were read, its frame, and its stories by position.

    `looks` and `printed` fill while it is sent.
    """

    edition: EditionRow
    newsletter: NewsletterRow
    frame: Frame
    views: Mapping[int, StoryView]
    looks: Looks = field(default_factory=Looks)
    printed: OrderedDict[int, Printed] = field(default_factory=OrderedDict)

    def placed(self, session: Session, variant_id: int) -> Placed:
        """The stories of one variant, in order."""
        at = session.connection().execute(_POSITIONS, {"variant": variant_id}).scalars()
        return with_roles([self.views[position] for position in at])

    def keep(self, variant_id: int, printed: Printed) -> Printed:
        """Have a variant at hand for its next window."""
        self.printed[variant_id] = printed
        while len(self.printed) > KEPT_VARIANTS:
            self.printed.popitem(last=False)
        return printed


@dataclass(frozen=True, slots=True)
class _Kept:
    """Plates, and the news that they were made from."""

    news: News
    plates: Plates


class Rack:
    """The plates of the editions that were sent last."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: OrderedDict[int, _Kept] = OrderedDict()

    def at_hand(self, edition_id: int, variant_id: int, news: News) -> Printed | None:
        """A variant that is kept, if its edition is as it was."""
        kept = self._kept.get(edition_id)
        if kept is None or kept.news != news:
            return None
        return kept.plates.printed.get(variant_id)

    def plates(self, session: Session, edition_id: int) -> Plates:
        """Those of an edition: kept, or made now."""
        news = _news(session, edition_id)
        kept = self._kept.get(edition_id)
        if kept is None or _newsletter(kept.news) != _newsletter(news):
            kept = _Kept(news, self._made(session, edition_id))
        elif kept.news != news:
            kept = _Kept(news, self._looked_over(session, kept.plates))
        self._kept[edition_id] = kept
        self._kept.move_to_end(edition_id)
        while len(self._kept) > KEPT_EDITIONS:
            self._kept.popitem(last=False)
        return kept.plates

    def _made(self, session: Session, edition_id: int) -> Plates:
        edition = session.get_one(EditionRow, edition_id)
        newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
        views = self._views(session, edition_id)
        # They outlive the session: nothing of them may be asked of it later.
        session.expunge(edition)
        session.expunge(newsletter)
        return Plates(edition, newsletter, frame_of(edition, newsletter, self._settings), views)

    def _looked_over(self, session: Session, plates: Plates) -> Plates:
        """The same ones, where nothing was said of these stories meanwhile."""
        views = self._views(session, plates.edition.id or 0)
        if views == plates.views:
            return plates
        return Plates(plates.edition, plates.newsletter, plates.frame, views, plates.looks)

    def _views(self, session: Session, edition_id: int) -> Mapping[int, StoryView]:
        items = session.exec(
            select(EditionItemRow.position, EditionItemRow.version_id).where(
                EditionItemRow.edition_id == edition_id
            )
        ).all()
        views = story_views(session, [version for _, version in items], self._settings)
        return {position: views[version] for position, version in items}


def news_columns(edition: sa.BindParameter[int]) -> Sequence[sa.ColumnElement[Any]]:
    """What makes up the news of an edition, for a statement about its newsletter.

    Events are counted, because the newest id hides one that was numbered earlier and committed
    later.
    """
    events = (
        sa.select(sa.func.count())
        .select_from(EditionItemRow)
        .join(ArticleEventRow, col(ArticleEventRow.article_id) == col(EditionItemRow.article_id))
        .where(col(EditionItemRow.edition_id) == edition)
    )
    return events.scalar_subquery(), *sa.inspect(NewsletterRow).local_table.c


def _news(session: Session, edition_id: int) -> News:
    return tuple(session.connection().execute(_NEWS, {"edition": edition_id}).one())


def _newsletter(news: News) -> News:
    return news[1:]


_NEWS = (
    sa.select(*news_columns(sa.bindparam("edition")))
    .join(EditionRow, col(EditionRow.newsletter_id) == col(NewsletterRow.id))
    .where(col(EditionRow.id) == sa.bindparam("edition"))
)
_POSITIONS = (
    sa.select(col(VariantItemRow.position))
    .where(col(VariantItemRow.variant_id) == sa.bindparam("variant"))
    .order_by(col(VariantItemRow.position))
)
