"""An article on its way in: what came, who brings it, when, and on which terms."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.accounts.actor import Actor
from publisher.newsroom.incoming import Incoming

FUTURE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a source's articles come in.

    `baseline`: a first sync, in feeds but never mailed. `review` says why an editor must release
    each; None where they may go out by themselves.
    """

    baseline: bool = False
    review: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One version of one article at the newsroom's door."""

    incoming: Incoming
    by: Actor
    now: datetime
    terms: Terms = field(default_factory=Terms)

    @property
    def is_under_embargo(self) -> bool:
        """Whether its source bars this version for now, readably or not."""
        until = self.incoming.embargo_until
        return self.incoming.embargo_held or (until is not None and until > self.now)

    @property
    def waits_until(self) -> datetime | None:
        """Until when it must wait: its embargo, or its own date where that is to come."""
        until, date = self.incoming.embargo_until, self.incoming.published_at
        if date is not None and date > self.now + FUTURE:
            until = max(until, date) if until else date
        return until if until is not None and until > self.now else None

    @property
    def review(self) -> str | None:
        """Why an editor must look at it before it may go out; None where none must."""
        if self.incoming.embargo_held:
            return "Its embargo has no time that can be read; release it when it may go out."
        if self.incoming.signal in {"hold", "withdraw"}:
            return self.incoming.note or "Its source says that it must not be used yet."
        return self.terms.review
