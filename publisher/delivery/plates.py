"""Plates: what a process keeps of an edition that it sends, for all the variants of it.

An edition is frozen, so its stories are read once and each block is rendered once. Its newsletter
may be mended while the edition is paused, the sender above all: the plates are made anew then.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.editions.blocks import Looks
from publisher.editions.contents import Placed, frame_of, story_views, with_roles
from publisher.editions.models import EditionItemRow, EditionRow, VariantItemRow
from publisher.editions.shapes import Frame, StoryView
from publisher.mail.dkim import Signer
from publisher.mail.mime import Skeleton
from publisher.settings import Settings

KEPT_EDITIONS = 4  # several may go out in turns, at seven in the morning
KEPT_VARIANTS = 8  # of each: the batches of a variant follow each other


@dataclass(frozen=True, slots=True)
class Printed:
    """A variant ready to be mailed: its skeleton, whom its mails come from and who signs them.

    `moment` is the edition's own, so that a message sent again has the same bytes.
    """

    skeleton: Skeleton
    edition_id: int
    edition_uuid: str
    sender: str
    moment: datetime
    signers: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class Plates:
    """An edition and its newsletter as they were read, its frame, and its stories by position.

    `looks` and `printed` fill while it is sent.
    """

    said: Sequence[object]
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


class Rack:
    """The plates of the editions that were sent last."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: OrderedDict[int, Plates] = OrderedDict()

    def plates(self, session: Session, edition_id: int) -> Plates:
        """Those of an edition: kept, or made now, in as many as four statements."""
        row = session.connection().execute(_NEWSLETTER, {"edition": edition_id}).one()
        kept = self._kept.get(edition_id)
        if kept is None or kept.said != tuple(row):
            kept = self._kept[edition_id] = self._made(session, edition_id, tuple(row))
        self._kept.move_to_end(edition_id)
        while len(self._kept) > KEPT_EDITIONS:
            self._kept.popitem(last=False)
        return kept

    def _made(self, session: Session, edition_id: int, said: Sequence[object]) -> Plates:
        edition = session.get_one(EditionRow, edition_id)
        newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
        items = session.exec(
            select(EditionItemRow.position, EditionItemRow.version_id).where(
                EditionItemRow.edition_id == edition_id
            )
        ).all()
        views = story_views(session, [version for _, version in items], self._settings)
        # They outlive the session: nothing of them may be asked of it later.
        session.expunge(edition)
        session.expunge(newsletter)
        return Plates(
            said,
            edition,
            newsletter,
            frame_of(edition, newsletter, self._settings),
            {position: views[version] for position, version in items},
        )


_NEWSLETTER = (
    sa.select(*sa.inspect(NewsletterRow).local_table.c)
    .join(EditionRow, col(EditionRow.newsletter_id) == col(NewsletterRow.id))
    .where(col(EditionRow.id) == sa.bindparam("edition"))
)
_POSITIONS = (
    sa.select(col(VariantItemRow.position))
    .where(col(VariantItemRow.variant_id) == sa.bindparam("variant"))
    .order_by(col(VariantItemRow.position))
)
