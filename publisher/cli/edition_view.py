"""An edition as the command line shows it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from publisher.audience.models import NewsletterRow
from publisher.cli.times import shown
from publisher.delivery.report import Report
from publisher.editions.models import EditionRow, EditionState
from publisher.errors import InvalidInputError


def edition_object(edition: EditionRow, newsletter: NewsletterRow) -> dict[str, Any]:
    """The object that --json prints; times in UTC."""
    return {
        "id": edition.id,
        "uuid": edition.uuid,
        "newsletter": newsletter.slug,
        "kind": edition.kind.value,
        "state": edition.state.value,
        "reason": edition.reason,
        "cadence": edition.cadence,
        "subject": edition.subject,
        "stories": edition.chosen,
        "created_at": _utc(edition.created_at),
        "due_at": _utc(edition.due_at),
        "hold_until": _utc(edition.hold_until),
        "frozen_at": _utc(edition.frozen_at),
        "finished_at": _utc(edition.finished_at),
        "resume_at": _utc(edition.resume_at),
        "matched": edition.matched,
    }


def edition_sheet(edition: EditionRow, newsletter: NewsletterRow) -> Iterator[tuple[str, object]]:
    """The facts for people, a line each; times on the newsletter's clocks."""
    zone = newsletter.zone
    yield "Edition", edition.id
    yield "Id", edition.uuid
    yield "Newsletter", newsletter.name
    yield "Kind", edition.kind.value
    yield "State", edition.state.value + (f": {edition.reason}" if edition.reason else "")
    yield "Readers", edition.cadence or "of every cadence"
    yield "Subject", edition.subject or "made from the stories"
    yield "Stories", edition.chosen or "chosen for each reader"
    yield "Due", shown(edition.due_at, zone)
    yield "Held until", shown(edition.hold_until, zone)
    yield "Frozen", shown(edition.frozen_at, zone)
    yield "Finished", shown(edition.finished_at, zone)
    if edition.resume_at is not None:
        yield "Tried again", shown(edition.resume_at, zone)
    yield "Readers matched", edition.matched


def report_sheet(report: Report) -> Iterator[tuple[str, object]]:
    """The sums for people, in the order in which they add up."""
    yield "Readers matched", report.matched
    yield from _by_reason("left out", report.excluded)
    yield "Enlisted", report.enlisted
    for state in ("queued", "accepted", "refused", "deferred", "uncertain"):
        yield f"  {state}", getattr(report, state)
    yield from _by_reason("withdrawn", report.withdrawn)
    yield "Adds up", report.adds_up


def edition_state_named(name: str) -> EditionState:
    """The state of that name."""
    try:
        return EditionState(name.strip().lower())
    except ValueError:
        listed = ", ".join(state.value for state in EditionState)
        raise InvalidInputError(f"“{name}” is no state. Choose from: {listed}.") from None


def _by_reason(word: str, counts: Mapping[str, int]) -> Iterator[tuple[str, object]]:
    if not counts:
        yield f"  {word}", 0
    for reason, count in counts.items():
        yield f"  {word}: {reason.replace('_', ' ')}", count


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
