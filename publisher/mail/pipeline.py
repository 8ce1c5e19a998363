"""Messages over several connections at once: each line is given the next as soon as it can begin.

One thread, no waiting on any single server answer. Who calls keeps the books (`Keeper`).
"""

from collections.abc import Iterator, Sequence

from publisher.errors import RefusedError, UnavailableError
from publisher.mail.connection import Connection
from publisher.mail.conversation import Keeper
from publisher.mail.envelope import Offer
from publisher.mail.lines import Lines
from publisher.mail.supply import MixedSupply, Slow, Supply

__all__ = ["Keeper", "Lines", "Offer", "Slow", "hand_over"]


def hand_over(
    lines: Lines, messages: Iterator[Offer], keeper: Keeper, *, slow: Sequence[Slow] = ()
) -> None:
    """Offer each message once and return when the keeper has heard what became of every one.

    Messages are made one at a time, a little ahead of the lines. Once the keeper says that none
    may be offered, no more are drawn and what is in flight is brought to its end, which may take
    the server its ten minutes (RFC 5321 §4.5.3.2.6); `may_offer` is asked all the while.
    A broken line costs its messages only; the rest goes over the others and over a new one.

    The `slow` ones go beside `messages`. Where there are both, what is left of the slow when
    `messages` end is not drawn any more, so that they keep nobody waiting: offer them next time.

    Raises UnavailableError when no line can be had, and whatever `messages` raised, after all in
    flight was brought to its end. Anything else (from the keeper, or an interruption) hangs up at
    once: what then has been `offering` and not answered is in doubt.
    """
    supply = MixedSupply(messages, keeper, slow) if slow else Supply(messages, keeper)
    try:
        _drive(lines, supply, supply.keeper)
    except BaseException:
        lines.drop()
        raise
    if supply.error is not None:
        raise supply.error


def _drive(lines: Lines, supply: Supply, keeper: Keeper) -> None:
    lines.refresh()
    while True:
        supply.ask()
        for line in lines.takers():
            _feed(line, supply, keeper)
        if supply.draw(lines.most - lines.open):
            lines.open_more(supply.waiting)
        lines.speak()
        if supply.waiting and (why := lines.hopeless()):
            supply.stop(UnavailableError(why))
        supply.ask()
        if supply.over and not lines.busy:
            return
        # One for each line, made while the servers read: when one of them asks for its content,
        # the commands of the message after it go out in the same piece.
        supply.draw(lines.open)
        lines.wait()


def _feed(line: Connection, supply: Supply, keeper: Keeper) -> None:
    """Begin the next message that this server can take; refused addresses cost no turn."""
    while line.ready and (offer := supply.take()):
        try:
            line.begin(offer, keeper)
        except RefusedError as error:  # the return path: every message would have it
            keeper.not_taken(offer.key, str(error))
            supply.stop(error)
        if line.ready:  # refused before it took a turn: that may be enough for the keeper
            supply.ask()
