"""The desk's words for states and reasons, each with a tone that is never colour alone."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from publisher.editions.models import EditionRow, EditionState
from publisher.newsroom.models import ArticleState

Tone = Literal["good", "bad", "warn", "busy", "wait", "quiet"]


class Mark(NamedTuple):
    """A state in a word, and the tone that chooses its colour and the shape beside it."""

    word: str
    tone: Tone


_EDITIONS: Mapping[EditionState, Mark] = {
    EditionState.DRAFT: Mark("Draft", "quiet"),
    EditionState.SCHEDULED: Mark("Scheduled", "wait"),
    EditionState.HOLDING: Mark("Holding", "busy"),
    EditionState.SENDING: Mark("Sending", "busy"),
    EditionState.PAUSED: Mark("Paused", "warn"),
    EditionState.SENT: Mark("Sent", "good"),
    EditionState.STOPPED: Mark("Stopped", "bad"),
    EditionState.SKIPPED: Mark("Skipped", "quiet"),
    EditionState.FAILED: Mark("Failed", "bad"),
}
_STORIES: Mapping[ArticleState, Mark] = {
    ArticleState.RECEIVED: Mark("Received", "wait"),
    ArticleState.QUARANTINED: Mark("Quarantined", "bad"),
    ArticleState.IN_REVIEW: Mark("In review", "warn"),
    ArticleState.EMBARGOED: Mark("Embargoed", "wait"),
    ArticleState.PUBLISHED: Mark("Published", "good"),
    ArticleState.ON_HOLD: Mark("On hold", "warn"),
    ArticleState.WITHDRAWN: Mark("Withdrawn", "quiet"),
    ArticleState.KILLED: Mark("Killed", "bad"),
    ArticleState.MERGED: Mark("Merged", "quiet"),
    ArticleState.EXPIRED: Mark("Expired", "quiet"),
}
_REASONS: Mapping[str, str] = {
    # why a matched reader gets nothing
    "nothing_new": "nothing new in their sections",
    "had_all": "had every story before",
    "paused": "paused this newsletter",
    "unconfirmed": "not confirmed",
    "suppressed": "must not be written to",
    "erased": "data erased",
    # why a delivery was withdrawn
    "stopped": "the edition was stopped",
    "unsubscribed": "unsubscribed before it went",
    "killed": "every story of theirs was taken away",
    # why a delivery was refused or waits
    "hard": "the address does not exist",
    "hard_at_end": "the address does not exist, said late",
    "soft": "not now",
    "policy": "blocked, no fault of the reader",
    "address": "no address to write to",
    "message": "the server cannot take the message",
    "too_old": "its time was over",
    "unknown": "refused",
    "by_hand": "settled by an editor",
    "paced": "waits its turn, mail to its domain goes slowly",
    "late": "waits for another turn, its own passed during a pause",
    "missed": "waits for another turn, its own was on another day",
}
_EVENTS: Mapping[str, str] = {
    "publish": "Published",
    "quarantine": "Put into quarantine",
    "review": "Put up for review",
    "embargo": "Embargoed",
    "lift": "Embargo lifted",
    "update": "New version",
    "correct": "Corrected",
    "hold": "Put on hold",
    "release": "Released",
    "withdraw": "Withdrawn",
    "kill": "Killed",
    "restore": "Brought back into review",
    "expire": "Expired",
    "merge": "Merged with another story",
}
_CADENCES: Mapping[str, str] = {
    "daily": "daily readers",
    "weekly": "weekly readers",
    "immediate": "readers of news as it happens",
}
DONE: Mapping[str, str] = {
    "hold": "The story is on hold: it is out of the feeds and of every edition not yet sent.",
    "release": "The story is released.",
    "withdraw": "The story is withdrawn.",
    "kill": "The story is killed. It is being taken off feeds, pages and unsent mails.",
    "restore": "The story is back, in review. Release it to let it out.",
    "correct": "The correction is noted, and readers of the page and the feeds see it.",
    "create": "The draft is made. Look at it, then send or schedule it.",
    "send": "The hold has begun. Nothing leaves before it ends; until then cancelling is certain.",
    "schedule": "The edition is scheduled.",
    "cancel": "Cancelled: the edition is a draft again. Nothing was sent.",
    "pause": "Paused. Only what was in flight still goes.",
    "resume": "Sending again.",
    "resend": "They are being sent again.",
    "stop": "Stopped. What had not left yet is withdrawn.",
}


def edition_mark(state: EditionState) -> Mark:
    """The mark of an edition's state."""
    return _EDITIONS[state]


def story_mark(state: ArticleState | str) -> Mark:
    """The mark of a story's state; an event keeps it as text."""
    return _STORIES[ArticleState(state)]


def reason_words(reason: str) -> str:
    """The reason of an exclusion or a withdrawal, in words."""
    return _REASONS.get(reason, reason.replace("_", " ") or "no reason given")


def event_words(event: str) -> str:
    """What happened to a story, in words."""
    return _EVENTS.get(event, event.capitalize())


def done_words(done: str) -> str:
    """What to say after an act; nothing for anything else that an address may hold."""
    return DONE.get(done, "")


def audience_words(edition: EditionRow) -> str:
    """Whom an edition is for."""
    return _CADENCES.get(edition.cadence or "", "all readers")


FOR_TEMPLATES = {
    "edition_mark": edition_mark,
    "story_mark": story_mark,
    "reason_words": reason_words,
    "event_words": event_words,
    "audience_words": audience_words,
}
