"""Variants and batches: readers who get the same stories share one, and go out by the hundred."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.editions.masks import signature
from publisher.editions.models import (
    BatchRow,
    BatchState,
    EditionItemRow,
    EditionRow,
    VariantItemRow,
    VariantRow,
)
from publisher.editions.select import Candidate
from publisher.store.locks import lock_name

BATCH_SIZE = 500

Positions = tuple[int, ...]


def add_variants(
    session: Session,
    edition: EditionRow,
    language: str,
    stories: Sequence[Candidate],
    wanted: Sequence[Positions],
) -> dict[Positions, int]:
    """The first variants of an edition, however many, in two statements; from positions to id.

    `stories` are the edition's items in their order.
    """
    if not wanted:
        return {}
    variants = [
        {"edition_id": edition.id, "signature": signature(held), "language": language}
        for held in wanted
    ]
    made = sa.insert(VariantRow).returning(col(VariantRow.signature), col(VariantRow.id))
    ids = {row.signature: row.id for row in session.execute(made, variants)}
    by_positions = {held: ids[signature(held)] for held in wanted}
    items = [
        {
            "variant_id": variant_id,
            "position": at,
            "story_id": stories[at].story_id,
            "article_id": stories[at].article_id,
        }
        for held, variant_id in by_positions.items()
        for at in held
    ]
    session.connection().execute(sa.insert(VariantItemRow), items)
    return by_positions


def add_batches(
    session: Session, edition: EditionRow, readers_of: Mapping[int, int]
) -> tuple[dict[int, int], int]:
    """Batches for so many readers of each variant.

    Returns from variant to the number of its first batch, and the number of batches in all.
    """
    first_batches: dict[int, int] = {}
    rows: list[dict[str, object]] = []
    for variant_id, readers in readers_of.items():
        first_batches[variant_id] = len(rows)
        rows += [
            {
                "edition_id": edition.id,
                "no": no,
                "variant_id": variant_id,
                "state": BatchState.READY,
            }
            for no in range(len(rows), len(rows) + -(-readers // BATCH_SIZE))
        ]
    if rows:
        session.connection().execute(sa.insert(BatchRow), rows)
    return first_batches, len(rows)


def add_batch(session: Session, edition_id: int, variant_id: int) -> int:
    """One more batch that waits, as yet for nobody; its number is nobody else's, returned."""
    lock_batches(session, edition_id)
    numbers = sa.select(sa.func.max(col(BatchRow.no))).where(col(BatchRow.edition_id) == edition_id)
    no: int = session.execute(numbers).scalar_one() + 1
    session.add(
        BatchRow(edition_id=edition_id, no=no, variant_id=variant_id, state=BatchState.READY)
    )
    session.flush()
    return no


def lock_batches(session: Session, edition_id: int) -> None:
    """Until the end of the transaction nobody else adds a batch; before the edition is locked."""
    lock_name(session, f"batches of edition {edition_id}")


def add_variant(session: Session, edition: EditionRow, sign: str, language: str) -> int:
    """The variant with these positions, made where there is none; returns its id.

    A kill has all who send the edition ask for the same one at once: one of them makes it.
    """
    statement = select(VariantRow.id).where(
        VariantRow.edition_id == edition.id, VariantRow.signature == sign
    )
    known = session.exec(statement).first()
    if known is None:
        lock_name(session, f"variants of edition {edition.id}")
        known = session.exec(statement).first()
    if known is not None:
        return known
    variant = VariantRow(edition_id=edition.id or 0, signature=sign, language=language)
    session.add(variant)
    session.flush()
    positions = [int(position) for position in sign.split(",")]
    items = select(EditionItemRow).where(
        EditionItemRow.edition_id == edition.id, col(EditionItemRow.position).in_(positions)
    )
    for item in session.exec(items).all():
        session.add(
            VariantItemRow(
                variant_id=variant.id or 0,
                position=item.position,
                story_id=item.story_id,
                article_id=item.article_id,
            )
        )
    session.flush()
    return variant.id or 0
