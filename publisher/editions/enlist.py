"""Enlisting: from an edition and its matched readers to deliveries, exclusions and batches.

All of it is one transaction that holds the one enlist lock from reading the ledger to its commit;
without it two newsletters enlisting at once would send a story to a reader twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.editions import bulk
from publisher.editions.forecast import open_stories
from publisher.editions.hints import wake_batch
from publisher.editions.masks import (
    EARLIEST,
    LATEST,
    Choice,
    Step,
    choice_of,
    had_mask,
    positions_of,
    signature,
    steps,
    stories_by_variant,
)
from publisher.editions.models import (
    BatchRow,
    BatchState,
    EditionItemRow,
    EditionRow,
    EditionState,
    SlotRow,
    VariantItemRow,
    VariantRow,
)
from publisher.editions.scratch import Scratch
from publisher.editions.select import Candidate
from publisher.editions.slots import FREEZE_LEAD

BATCH_SIZE = 500


class Share(NamedTuple):
    """Readers with one choice of sections and one mask, and the variant they ask for."""

    sections: str
    mask: int
    readers: int
    signature: str


def enlist(session: Session, edition_id: int, now: datetime) -> EditionRow | None:
    """Freeze an edition that is due and enlist its readers.

    Returns the edition, now sending or skipped; None where somebody else has started it, or it
    is not due. Side effects after commit: every batch is woken.
    """
    bulk.hold_enlist_lock(session, now)
    edition = _freeze(session, edition_id, now)
    if edition is None:
        return None
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    stories = open_stories(session, edition, newsletter, now)
    _write_items(session, edition, stories)
    bulk.match_readers(session, edition, _day_of(session, edition), now)
    choices = _choices(session, edition, stories)
    scratch = Scratch(list(choices.values()))
    scratch.open(session)
    _offer(session, scratch, edition, choices, stories)
    _subtract_ledger(session, scratch, choices, stories)
    signs = _signatures(session, scratch, newsletter, choices, stories)
    batches = _assign(session, scratch, edition, newsletter, signs)
    bulk.write_exclusions(session, scratch, edition)
    scratch.close(session)
    _settle(session, edition, stories, batches, now)
    return edition


def _freeze(session: Session, edition_id: int, now: datetime) -> EditionRow | None:
    """Start the edition, if this is the one call that may; count the matched for themselves."""
    due = sa.or_(
        sa.and_(col(EditionRow.state) == EditionState.SCHEDULED, col(EditionRow.due_at) <= now),
        sa.and_(col(EditionRow.state) == EditionState.HOLDING, col(EditionRow.hold_until) <= now),
    )
    statement = (
        sa.update(EditionRow)
        .where(col(EditionRow.id) == edition_id, due)
        .values(state=EditionState.SENDING, frozen_at=now, reason=None)
    )
    if session.connection().execute(statement).rowcount != 1:
        return None
    edition = session.get_one(EditionRow, edition_id, populate_existing=True)
    edition.cutoff_at = _cutoff(edition, now)
    edition.matched = bulk.count_matched(session, edition)
    return edition


def _cutoff(edition: EditionRow, now: datetime) -> datetime:
    if edition.slot_id is not None and edition.due_at is not None:
        return edition.due_at - FREEZE_LEAD
    return now  # an editor's edition freezes when it starts


def _write_items(session: Session, edition: EditionRow, stories: Sequence[Candidate]) -> None:
    for position, story in enumerate(stories):
        session.add(
            EditionItemRow(
                edition_id=edition.id or 0,
                position=position,
                story_id=story.story_id,
                article_id=story.article_id,
                version_id=story.version_id,
            )
        )
    session.flush()


def _day_of(session: Session, edition: EditionRow) -> int | None:
    slot = session.get(SlotRow, edition.slot_id) if edition.slot_id else None
    return slot.day_id if slot else None


def _choices(
    session: Session, edition: EditionRow, stories: Sequence[Candidate]
) -> dict[str, Choice]:
    by_section = edition.chosen is None  # what an editor chose goes to every reader
    return {
        sections: choice_of(sections, stories, by_section=by_section)
        for sections in bulk.chosen_sections(session)
    }


def _offer(
    session: Session,
    scratch: Scratch,
    edition: EditionRow,
    choices: Mapping[str, Choice],
    stories: Sequence[Candidate],
) -> None:
    """Give each reader the mask of what their sections and date of subscription allow."""
    for choice in choices.values():
        at_any_date = [Step(EARLIEST, LATEST, choice.full)]
        allowed = steps(choice, stories) if edition.chosen is None else at_any_date
        bulk.write_steps(session, scratch, choice, allowed)


def _subtract_ledger(
    session: Session,
    scratch: Scratch,
    choices: Mapping[str, Choice],
    stories: Sequence[Candidate],
) -> None:
    """Take away what readers have had: deliveries joined with the items of their variants."""
    ids = [story.story_id for story in stories]
    rows = session.exec(
        select(VariantItemRow.variant_id, VariantItemRow.story_id).where(
            col(VariantItemRow.story_id).in_(ids)
        )
    )
    earlier = stories_by_variant(rows)
    for choice in choices.values():
        masks = {variant_id: had_mask(choice, stories, had) for variant_id, had in earlier.items()}
        known = {variant_id: mask for variant_id, mask in masks.items() if mask}
        bulk.write_had(session, scratch, choice, known)
    bulk.share_out(session, scratch)


def _signatures(
    session: Session,
    scratch: Scratch,
    newsletter: NewsletterRow,
    choices: Mapping[str, Choice],
    stories: Sequence[Candidate],
) -> list[Share]:
    """What each group of readers with the same choice and mask is to get."""
    shares = []
    for sections, mask, readers in bulk.distinct_shares(session, scratch):
        found = positions_of(choices[sections], mask, stories, newsletter.max_stories)
        shares.append(Share(sections, mask, readers, signature(found)))
    return shares


def _assign(
    session: Session,
    scratch: Scratch,
    edition: EditionRow,
    newsletter: NewsletterRow,
    shares: Sequence[Share],
) -> int:
    """Make the variants, their batches and the deliveries; returns the number of batches."""
    readers_of = Counter[str]()
    for share in shares:
        readers_of[share.signature] += share.readers
    variants, batches = _add_variants(session, edition, newsletter, readers_of)
    places = [(share.sections, share.mask, *variants[share.signature]) for share in shares]
    bulk.write_map(session, scratch, places)
    bulk.write_deliveries(session, scratch, edition, _day_of(session, edition), BATCH_SIZE)
    return batches


def _add_variants(
    session: Session,
    edition: EditionRow,
    newsletter: NewsletterRow,
    readers_of: Mapping[str, int],
) -> tuple[dict[str, tuple[int, int]], int]:
    """From signature to (variant, its first batch), and the number of batches in all."""
    variants: dict[str, tuple[int, int]] = {}
    batch_no = 0
    for sign, readers in readers_of.items():
        variant_id = add_variant(session, edition, sign, newsletter.language)
        variants[sign] = (variant_id, batch_no)
        batch_no = _add_batches(session, edition, variant_id, batch_no, readers)
    return variants, batch_no


def add_variant(session: Session, edition: EditionRow, sign: str, language: str) -> int:
    """The variant with these positions, made where there is none; returns its id."""
    statement = select(VariantRow).where(
        VariantRow.edition_id == edition.id, VariantRow.signature == sign
    )
    known = session.exec(statement).first()
    if known is not None:
        return known.id or 0
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


def _add_batches(
    session: Session, edition: EditionRow, variant_id: int, first: int, readers: int
) -> int:
    """Batches for so many readers of one variant; returns the next free number."""
    after = first + -(-readers // BATCH_SIZE)
    rows = [
        {"edition_id": edition.id, "no": no, "variant_id": variant_id, "state": BatchState.READY}
        for no in range(first, after)
    ]
    session.connection().execute(sa.insert(BatchRow), rows)
    return after


def _settle(
    session: Session,
    edition: EditionRow,
    stories: Sequence[Candidate],
    batches: int,
    now: datetime,
) -> None:
    """Wake the batches; an edition without any is skipped or failed, and says why."""
    session.add(edition)
    for no in range(batches):
        wake_batch(session, edition.id or 0, no)
    if batches:
        return
    edition.finished_at = now
    edition.state = EditionState.SKIPPED
    if edition.matched == 0:
        edition.reason = "It has no readers."
    elif stories:
        edition.reason = "Its readers have had every story, or may not be written to."
    elif edition.chosen is None:
        edition.reason = "There was nothing new."
    else:
        edition.state = EditionState.FAILED
        edition.reason = "None of its stories may leave now."
