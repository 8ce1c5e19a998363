"""What an edition carried: its stories at their frozen versions, each with a hash.

The hash is SHA-256 over the canonical bytes (`seal.canonical`) of an object with the fields
of `FROZEN`, as the version's row holds them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from publisher.delivery.proof.seal import canonical, utc
from publisher.delivery.proof.sums import NAMES, Tally, by_variant
from publisher.editions.models import EditionItemRow, EditionRow, VariantItemRow, VariantRow
from publisher.newsroom.models import ArticleRow, ArticleVersionRow

FROZEN = (
    "title", "slug", "section_name", "deck", "summary", "body_html", "paragraphs", "dateline",
    "credit", "byline", "url", "image", "tags", "comments", "related", "unparsed_head",
    "rights", "expires_at", "digital_source", "word_count", "reading_minutes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A story of the edition: the article's uuid, the number of its version, and the hash."""

    article: str
    version: int
    title: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Variant:
    """The readers who got exactly these stories, by their numbers in the edition, from 1."""

    language: str
    stories: Sequence[int]
    deliveries: Tally


def items_of(session: Session, edition: EditionRow) -> dict[int, Item]:
    """The stories by their number in the edition, from 1."""
    statement = (
        select(EditionItemRow.position, ArticleRow.uuid, ArticleVersionRow)
        .join(ArticleVersionRow, col(ArticleVersionRow.id) == col(EditionItemRow.version_id))
        .join(ArticleRow, col(ArticleRow.id) == col(EditionItemRow.article_id))
        .where(EditionItemRow.edition_id == edition.id)
        .order_by(col(EditionItemRow.position))
    )
    return {
        position + 1: Item(uuid, version.number, version.title, content_sha256(version))
        for position, uuid, version in session.exec(statement)
    }


def variants_of(session: Session, edition: EditionRow) -> dict[int, Variant]:
    """The variants by their number, from 1 in the order in which they were made."""
    counted = by_variant(session, edition)
    stories = _stories(session, edition)
    nobody = dict.fromkeys(NAMES, 0)
    return {
        number: Variant(
            row.language, stories.get(row.id or 0, ()), counted.get(row.id or 0, nobody)
        )
        for number, row in enumerate(_variants(session, edition), start=1)
    }


def variant_numbers(session: Session, edition: EditionRow) -> Mapping[int, int]:
    """The number of each variant by its row."""
    rows = _variants(session, edition)
    return {row.id or 0: number for number, row in enumerate(rows, start=1)}


def content_sha256(version: ArticleVersionRow) -> str:
    """The hash of a version's content; hexadecimal."""
    fields = {name: getattr(version, name) for name in FROZEN}
    fields["expires_at"] = utc(version.expires_at)
    return hashlib.sha256(canonical(fields)).hexdigest()


def _variants(session: Session, edition: EditionRow) -> Sequence[VariantRow]:
    mine = select(VariantRow).where(VariantRow.edition_id == edition.id)
    return session.exec(mine.order_by(col(VariantRow.id))).all()


def _stories(session: Session, edition: EditionRow) -> dict[int, tuple[int, ...]]:
    statement = (
        select(VariantItemRow.variant_id, VariantItemRow.position)
        .join(VariantRow, col(VariantRow.id) == col(VariantItemRow.variant_id))
        .where(VariantRow.edition_id == edition.id)
        .order_by(col(VariantItemRow.variant_id), col(VariantItemRow.position))
    )
    found: dict[int, tuple[int, ...]] = {}
    for variant_id, position in session.exec(statement):
        found[variant_id] = (*found.get(variant_id, ()), position + 1)
    return found
