"""Enlisting: from an edition and its matched readers to deliveries, exclusions and batches.

All of it is one transaction that holds the one enlist lock from reading the ledger to its commit;
without it two newsletters enlisting at once would send a story to a reader twice.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from publisher.audience.models import NewsletterRow
from publisher.editions import bulk
from publisher.editions.forecast import cutoff_of, open_stories
from publisher.editions.hints import wake_first
from publisher.editions.masks import (
    EARLIEST,
    LATEST,
    Step,
    full_mask,
    had_mask,
    positions_of,
    section_mask,
    steps,
    stories_by_variant,
)
from publisher.editions.models import (
    EditionItemRow,
    EditionRow,
    EditionState,
    SlotRow,
    VariantItemRow,
    VariantRow,
)
from publisher.editions.scratch import Scratch, fill
from publisher.editions.select import Candidate
from publisher.editions.variants import BATCH_SIZE, Positions, add_batches, add_variants


class Share(NamedTuple):
    """Readers with one mask, and the stories of it that they are to get."""

    mask: int
    readers: int
    positions: Positions


def enlist(session: Session, edition_id: int, now: datetime) -> EditionRow | None:
    """Freeze an edition that is due and enlist its readers.

    Returns the edition, now sending or skipped; None where somebody else has started it, or it
    is not due. Side effects after commit: the first batches are woken, each wakes a later one.
    """
    bulk.hold_enlist_lock(session, now)
    edition = _freeze(session, edition_id, now)
    if edition is None:
        return None
    newsletter = session.get_one(NewsletterRow, edition.newsletter_id)
    edition.message_domain = newsletter.sender_address.rpartition("@")[2]
    stories = open_stories(session, edition, newsletter, now)
    _write_items(session, edition, stories)
    scratch = Scratch(len(stories))
    scratch.open(session)
    bulk.match_readers(session, scratch, edition, _day_of(session, edition), now)
    _offer(session, scratch, edition, stories)
    bulk.share_out(session, scratch, _recall(session, scratch, stories))
    batches = _assign(session, scratch, edition, newsletter, stories)
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
    edition.cutoff_at = cutoff_of(edition, now)
    edition.matched = bulk.count_matched(session, edition)
    return edition


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


def _offer(
    session: Session, scratch: Scratch, edition: EditionRow, stories: Sequence[Candidate]
) -> None:
    """Write what each choice of sections and each date of subscription leaves open."""
    by_rule = edition.chosen is None  # what an editor chose goes to every reader
    full = full_mask(stories)
    choices = [
        {
            "sections": sections,
            **scratch.values(section_mask(sections, stories) if by_rule else full),
        }
        for sections in bulk.chosen_sections(session, scratch)
    ]
    allowed = steps(stories) if by_rule else [Step(EARLIEST, LATEST, full)]
    dates = [
        {"since": step.since, "until": step.until, **scratch.values(step.mask)} for step in allowed
    ]
    fill(session, scratch.choice, choices)
    fill(session, scratch.step, dates)


def _recall(session: Session, scratch: Scratch, stories: Sequence[Candidate]) -> list[int]:
    """Write what earlier variants held of these stories; returns the editions they belong to."""
    ids = [story.story_id for story in stories]
    found = session.exec(
        select(VariantItemRow.variant_id, VariantRow.edition_id, VariantItemRow.story_id)
        .join(VariantRow, col(VariantRow.id) == col(VariantItemRow.variant_id))
        .where(col(VariantItemRow.story_id).in_(ids))
    ).all()
    held = stories_by_variant((variant_id, story_id) for variant_id, _, story_id in found)
    masks = [
        {"variant_id": variant_id, **scratch.values(had_mask(stories, had))}
        for variant_id, had in held.items()
    ]
    fill(session, scratch.had, masks)
    return sorted({edition_id for _, edition_id, _ in found})


def _assign(
    session: Session,
    scratch: Scratch,
    edition: EditionRow,
    newsletter: NewsletterRow,
    stories: Sequence[Candidate],
) -> int:
    """Make the variants, their batches and the deliveries; returns the number of batches."""
    shares = [
        Share(mask, readers, positions_of(mask, stories, newsletter.max_stories))
        for mask, readers in bulk.distinct_shares(session, scratch)
    ]
    readers_of = Counter[Positions]()
    for share in shares:
        readers_of[share.positions] += share.readers
    variants = add_variants(session, edition, newsletter.language, stories, list(readers_of))
    first_batches, batches = add_batches(
        session, edition, {variants[held]: readers for held, readers in readers_of.items()}
    )
    places = [
        {
            "variant_id": variants[share.positions],
            "first_batch": first_batches[variants[share.positions]],
            **scratch.values(share.mask),
        }
        for share in shares
    ]
    fill(session, scratch.map, places)
    bulk.write_deliveries(session, scratch, edition, _day_of(session, edition), BATCH_SIZE)
    return batches


def _settle(
    session: Session,
    edition: EditionRow,
    stories: Sequence[Candidate],
    batches: int,
    now: datetime,
) -> None:
    """Wake the first batches; an edition without any is skipped or failed, and says why."""
    session.add(edition)
    if batches:
        wake_first(session, edition.id or 0, range(batches))
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
