"""Looking editions up."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.editions.models import EditionRow, EditionState
from publisher.errors import InvalidInputError, NotFoundError

SHORTEST_PREFIX = 8


def find_edition(session: Session, ref: str, *, lock: bool = False) -> EditionRow:
    """The edition with this number, or whose uuid is or begins with `ref` (8 characters or more).

    `lock` keeps others from changing it until the transaction ends. Raises NotFoundError, or
    InvalidInputError where several fit.
    """
    if ref.isascii() and ref.isdigit() and len(ref) < SHORTEST_PREFIX:
        fits = col(EditionRow.id) == int(ref)
    elif len(ref) >= SHORTEST_PREFIX:
        fits = col(EditionRow.uuid).startswith(ref, autoescape=True)
    else:
        raise NotFoundError("edition", ref)
    statement = select(EditionRow).where(fits)
    found = session.exec(statement.with_for_update() if lock else statement).all()
    if not found:
        raise NotFoundError("edition", ref)
    if len(found) > 1:
        raise InvalidInputError(f"“{ref}” fits {len(found)} editions; give more of the id.")
    return found[0]


def list_editions(
    session: Session,
    *,
    states: Sequence[EditionState] = (),
    newsletter: str | None = None,
    limit: int = 100,
) -> Sequence[tuple[EditionRow, NewsletterRow]]:
    """Editions with their newsletters, the latest due first; no states means all."""
    statement = (
        select(EditionRow, NewsletterRow)
        .join(NewsletterRow, col(NewsletterRow.id) == col(EditionRow.newsletter_id))
        .order_by(col(EditionRow.id).desc())
        .limit(limit)
    )
    if states:
        statement = statement.where(col(EditionRow.state).in_(states))
    if newsletter:
        statement = statement.where(NewsletterRow.slug == newsletter)
    return session.exec(statement).all()
