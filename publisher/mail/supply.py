"""The messages of a hand-over that are still to come, made one at a time as they are needed."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publisher.mail.conversation import Keeper
from publisher.mail.envelope import Offer
from publisher.mail.replies import Reply


@dataclass(frozen=True, slots=True)
class Slow:
    """Messages of which at most so many may be under way at a time; others pass them by."""

    messages: Iterator[Offer]
    most: int


class Supply:
    """The messages still to come; `error` is what ended them early."""

    def __init__(self, messages: Iterator[Offer], keeper: Keeper) -> None:
        self.error: Exception | None = None
        self.keeper = keeper
        self._messages = messages
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
        """The next message, if there is one."""
        return self._drawn.popleft() if self.draw(1) else None

    def ask(self) -> None:
        """Let the keeper say whether more may come; those at hand go back where not."""
        if not self.keeper.may_offer() and not self.over:
            self.stop(None)

    def draw(self, wanted: int) -> bool:
        """Have so many at hand, as far as they come; whether there is any."""
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
            self.keeper.not_taken(
                self._drawn.popleft().key, str(error or "The time for sending was over.")
            )


class MixedSupply(Supply):
    """Also messages of which only so many may be under way; it hears when one of them ends."""

    def __init__(self, messages: Iterator[Offer], keeper: Keeper, slow: Sequence[Slow]) -> None:
        super().__init__(messages, _Listening(keeper, self))
        self._slow = [_Lane(one) for one in slow]
        self._lanes: dict[int, _Lane] = {}
        self._others = True
        self._mixed = False

    def draw(self, wanted: int) -> bool:
        """As of any supply; none may be at hand although more will come."""
        while len(self._drawn) < wanted and not self._over:
            try:
                offer = self._next()
            except Exception as error:  # noqa: BLE001 - raised again once the lines are quiet
                self.stop(error)
                break
            if offer is None:
                break
            self._drawn.append(offer)
        return bool(self._drawn)

    def ended(self, key: int) -> None:
        """A message is not under way any more."""
        if lane := self._lanes.pop(key, None):
            lane.under_way -= 1

    def _next(self) -> Offer | None:
        """One that may go now: of the slow if they have room, else of the others."""
        for lane in self._slow:
            if offer := lane.next():
                self._lanes[offer.key] = lane
                return offer
        if self._others and (offer := next(self._messages, None)):
            self._mixed = True
            return offer
        self._others = False
        self._over = self._mixed or all(lane.over for lane in self._slow)
        return None


class _Lane:
    """Slow messages, and how many of them are under way."""

    def __init__(self, slow: Slow) -> None:
        self.under_way = 0
        self.over = False
        self._slow = slow

    def next(self) -> Offer | None:
        if self.over or self.under_way >= self._slow.most:
            return None
        offer = next(self._slow.messages, None)
        self.over = offer is None
        self.under_way += not self.over
        return offer


class _Listening:
    """A keeper whose every word the supply hears, too."""

    def __init__(self, keeper: Keeper, supply: MixedSupply) -> None:
        self.may_offer = keeper.may_offer
        self.offering = keeper.offering
        self._keeper = keeper
        self._supply = supply

    def answered(self, key: int, reply: Reply) -> None:
        self._supply.ended(key)
        self._keeper.answered(key, reply)

    def not_taken(self, key: int, reason: str) -> None:
        self._supply.ended(key)
        self._keeper.not_taken(key, reason)
