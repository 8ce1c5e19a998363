"""Messages over several connections at once: each line is given the next as soon as it can begin.

One thread, no waiting on any single server answer. Who calls keeps the books (`Keeper`).
"""

from collections import deque
from collections.abc import Iterator

from publisher.errors import RefusedError, UnavailableError
from publisher.mail.connection import Connection
from publisher.mail.conversation import Keeper
from publisher.mail.envelope import Offer
from publisher.mail.lines import Lines

__all__ = ["Keeper", "Lines", "Offer", "hand_over"]


def hand_over(lines: Lines, messages: Iterator[Offer], keeper: Keeper) -> None:
    """Offer each message once and return when the keeper has heard what became of every one.

    Messages are made one at a time, a little ahead of the lines. Once the keeper says that none
    may be offered, no more are drawn and what is in flight is brought to its end, which may take
    the server its ten minutes (RFC 5321 §4.5.3.2.6); `may_offer` is asked all the while.
    A broken line costs its messages only; the rest goes over the others and over a new one.

    Raises UnavailableError when no line can be had, and whatever `messages` raised, after all in
    flight was brought to its end. Anything else (from the keeper, or an interruption) hangs up at
    once: what then has been `offering` and not answered is in doubt.
    """
    supply = _Supply(messages, keeper)
    try:
        _drive(lines, supply, keeper)
    except BaseException:
        lines.drop()
        raise
    if supply.error is not None:
        raise supply.error


def _drive(lines: Lines, supply: "_Supply", keeper: Keeper) -> None:
    lines.refresh()
    while True:
        for line in lines.takers():
            _feed(line, supply, keeper)
        if supply.draw(lines.most - lines.open):
            lines.open_more(supply.waiting)
        lines.speak()
        if supply.waiting and (why := lines.hopeless()):
            supply.stop(UnavailableError(why))
        if supply.over and not lines.busy:
            return
        lines.wait()


def _feed(line: Connection, supply: "_Supply", keeper: Keeper) -> None:
    """Begin the next message that this server can take; refused addresses cost no turn."""
    while line.ready and (offer := supply.take()):
        try:
            line.begin(offer, keeper)
        except RefusedError as error:  # the return path: every message would have it
            keeper.not_taken(offer.key, str(error))
            supply.stop(error)


class _Supply:
    """The messages still to come; `error` is what ended them early."""

    def __init__(self, messages: Iterator[Offer], keeper: Keeper) -> None:
        self.error: Exception | None = None
        self._messages = messages
        self._keeper = keeper
        self._drawn: deque[Offer] = deque()
        self._over = False

    @property
    def over(self) -> bool:
        """Whether nothing comes any more."""
        return self._over and not self._drawn

    @property
    def waiting(self) -> int:
        """How many are made and have no line."""
        return len(self._drawn)

    def take(self) -> Offer | None:
        """The next message, if there is one and it may be offered."""
        return self._drawn.popleft() if self.draw(1) else None

    def draw(self, wanted: int) -> bool:
        """Have so many at hand, as far as they come; whether there is any."""
        if not self._keeper.may_offer() and not self._over:
            self.stop(None)
        while len(self._drawn) < wanted and not self._over:
            try:
                self._drawn.append(next(self._messages))
            except StopIteration:
                self._over = True
            except Exception as error:  # noqa: BLE001 - raised again once the lines are quiet
                self.stop(error)
        return bool(self._drawn)

    def stop(self, error: Exception | None) -> None:
        """No more: those made already go back."""
        self._over = True
        self.error = self.error or error
        while self._drawn:
            self._keeper.not_taken(
                self._drawn.popleft().key, str(error or "The time for sending was over.")
            )
