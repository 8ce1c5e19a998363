"""Where an edition stands, in words and sums; pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.delivery.report import Report
from publisher.editions.models import EditionRow, EditionState
from publisher.web.desk.times import distance, offset, wall
from publisher.web.desk.wording import Mark, audience_words, edition_mark

S = EditionState
LIVE = frozenset({S.HOLDING, S.SENDING})
ACTIONS: dict[EditionState, tuple[str, ...]] = {
    S.DRAFT: ("send", "schedule"),
    S.SCHEDULED: ("send", "schedule", "cancel"),
    S.HOLDING: ("cancel",),
    S.SENDING: ("pause", "stop"),
    S.PAUSED: ("resume", "stop"),
}
WAITING = ("resume", "pause", "stop")  # paused by the clock, which an editor may overrule


@dataclass(frozen=True, slots=True)
class Standing:
    """What the desk says about an edition.

    `live` pages look again by themselves; `percent` is what is settled of those enlisted, None
    before the edition froze; `readers` are those enlisted, before that those who match now.
    """

    mark: Mark
    sentence: str
    note: str
    live: bool
    percent: int | None
    actions: tuple[str, ...]
    readers: int


def standing_of(
    edition: EditionRow, found: Report, *, matching: int, now: datetime, zone: str
) -> Standing:
    """Where the edition stands at `now`.

    `matching` readers match it before it froze; `zone` is its newsletter's.
    """
    frozen = edition.frozen_at is not None
    readers = found.enlisted if frozen else matching
    return Standing(
        mark=edition_mark(edition.state),
        sentence=_sentence(edition, found, readers=readers, now=now, zone=zone),
        note=edition.reason or "",
        live=edition.state in LIVE or edition.resume_at is not None,
        percent=_percent(found) if frozen else None,
        actions=WAITING if edition.resume_at else ACTIONS.get(edition.state, ()),
        readers=readers,
    )


def people(count: int) -> str:
    """A number of readers in words."""
    return "1 reader" if count == 1 else f"{count:,} readers"


def _sentence(edition: EditionRow, found: Report, *, readers: int, now: datetime, zone: str) -> str:
    whom = f"{people(readers)} ({audience_words(edition)})"
    if edition.state == S.DRAFT:
        return f"Nothing is planned yet. As of now it is for {whom}."
    if edition.state == S.SCHEDULED and edition.due_at is not None:
        return f"Goes to {whom} {_when(edition.due_at, now, zone)}."
    if edition.state == S.HOLDING and edition.hold_until is not None:
        return _holding(edition.hold_until, now, zone)
    if edition.frozen_at is None:
        return "It went to nobody."
    if edition.resume_at is not None:
        again = _when(edition.resume_at, now, zone)
        return f"{_settled(edition, found, zone)} It is tried again {again}, by itself."
    return _settled(edition, found, zone)


def _settled(edition: EditionRow, found: Report, zone: str) -> str:
    everybody = people(found.enlisted)
    if edition.state == S.SENT:
        return f"{found.accepted:,} of {everybody} have it{_span(edition, zone)}."
    settled = f"{found.enlisted - found.left:,} of {everybody} settled"
    if edition.state == S.SENDING:
        return f"On its way: {settled}."
    return f"{settled}; {found.left:,} to come." if found.left else f"{settled}."


def _holding(until: datetime, now: datetime, zone: str) -> str:
    if until <= now:
        return "The hold is over; sending begins in a moment."
    clock = f"{until.astimezone(ZoneInfo(zone)):%H:%M:%S}"
    return (
        f"Held until {clock} ({offset(until, zone)}), {distance(until, now)}. "
        "Nothing has left yet, and cancelling is certain."
    )


def _when(at: datetime, now: datetime, zone: str) -> str:
    return f"{wall(at, now, zone)} ({offset(at, zone)}), {distance(at, now)}"


def _span(edition: EditionRow, zone: str) -> str:
    if edition.frozen_at is None or edition.finished_at is None:
        return ""
    ends = (edition.frozen_at, edition.finished_at)
    start, end = (f"{at.astimezone(ZoneInfo(zone)):%H:%M}" for at in ends)
    span = start if start == end else f"{start} to {end}"
    return f", sent {span} ({offset(edition.finished_at, zone)})"


def _percent(found: Report) -> int:
    return 100 if not found.enlisted else 100 * (found.enlisted - found.left) // found.enlisted
