"""What is said with a mail server while messages go over, apart from the socket it goes through.

Where the server announced PIPELINING (RFC 2920), MAIL, RCPT and DATA go out in one piece and the
next message's right behind the end of the one before: one round trip a message. Elsewhere each
command waits for the answer to the one before. A message's content follows nothing but the 354
to its own DATA, so never more than one message of a conversation can be in doubt.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal, Protocol

from publisher.mail.envelope import Features, Offer, envelope
from publisher.mail.outbox import Outbox
from publisher.mail.replies import (
    CLOSING,
    DONE,
    FAILED,
    GO_ON,
    NotSmtpError,
    Replies,
    Reply,
    Stage,
    decoded,
    printable,
    reply_to,
)

Step = Literal["reset", "mail", "rcpt", "data", "end", "dot", "quit"]

# The steps whose answer may decide what becomes of a message.
_STAGES: dict[Step, Stage] = {"mail": "mail", "rcpt": "rcpt", "data": "data", "end": "end"}
_ENDING = ("end", "dot")
_END = b".\r\n"


class Keeper(Protocol):
    """Who keeps the books: hears of each offer either `answered` or `not_taken`, once."""

    def may_offer(self) -> bool:
        """Whether a message may still be begun.

        Asked in between: before anything is waited for, and before a hand-over ends.
        """

    def offering(self, key: int) -> bool:
        """Whether its content may go out; asked before the first byte of it is written.

        It is noted down then. Raises OSError where it cannot be: it does not go out.
        """

    def answered(self, key: int, reply: Reply) -> None:
        """Decided; or uncertain, if the line broke after the message's end was written."""

    def not_taken(self, key: int, reason: str) -> None:
        """The server certainly does not have it, and did not say why not."""


@dataclass(slots=True, eq=False)
class _Transfer:
    """One message on its way; `end_at` is where in the outbox its final dot stands."""

    offer: Offer
    keeper: Keeper
    sender_taken: bool = False
    reader_taken: bool = False
    settled: bool = False
    end_at: int | None = None


class Conversation:
    """Bytes of the server in (`hear`), bytes for it out (`outbox`), the keeper told what it means.

    `begun` counts messages, `heard` replies; `useful` tells whether the server ever decided on a
    message other than by closing; `why_lost` says why it is no longer `alive`; `leaving` tells
    whether goodbye was said.
    """

    def __init__(self, name: str, features: Features) -> None:
        self.alive = True
        self.why_lost = ""
        self.begun = 0
        self.heard = 0
        self.useful = False
        self.leaving = False
        self.name = name
        self.outbox = Outbox()
        self._features = features
        self._replies = Replies()
        self._asked: deque[tuple[Step, _Transfer | None]] = deque()
        self._to_ask: deque[tuple[Step, bytes, _Transfer]] = deque()
        self._open: deque[_Transfer] = deque()
        self._reset_first = False

    @property
    def awaits(self) -> Step | None:
        """What the server has to answer next."""
        return self._asked[0][0] if self._asked else None

    @property
    def ready(self) -> bool:
        """Whether the next message may begin."""
        if not self._asked:
            return self.alive
        return self._features.pipelining and len(self._asked) == 1 and self._asked[0][0] in _ENDING

    def begin(self, offer: Offer, keeper: Keeper) -> None:
        """Open the next message; raises RefusedError for a return path that is no address."""
        commands = envelope(offer, self._features)
        if isinstance(commands, Reply):
            keeper.answered(offer.key, commands)
            return
        transfer = _Transfer(offer, keeper)
        self._open.append(transfer)
        self.begun += 1
        if not self.alive:
            self._give_up_open(self.why_lost)
            return
        if self._reset_first:
            self._to_ask.append(("reset", b"RSET\r\n", transfer))
            self._reset_first = False
        mail, rcpt = commands
        self._to_ask.append(("mail", mail, transfer))
        self._to_ask.append(("rcpt", rcpt, transfer))
        self._to_ask.append(("data", b"DATA\r\n", transfer))
        self._ask()

    def leave(self) -> None:
        """Say goodbye; nothing can begin after it."""
        self.leaving = True
        self._asked.append(("quit", None))
        self.outbox.put(b"QUIT\r\n")

    def hear(self, data: bytes) -> None:
        """Take what the server said and act on every whole reply."""
        try:
            for code, text in self._replies.read(data):
                self.heard += 1
                self._take(code, text)
                if not self.alive:
                    return
        except NotSmtpError as error:
            self.lose(f"it {error}")

    def lose(self, reason: str) -> None:
        """The line is gone: tell what that means for the messages that were under way."""
        if self.alive:
            self.alive = False
            self.why_lost = reason
            self._asked.clear()
            self._to_ask.clear()
            self._give_up_open(reason)

    def _give_up_open(self, reason: str) -> None:
        while self._open:
            transfer = self._open.popleft()
            key = transfer.offer.key
            if transfer.end_at is not None and self.outbox.written > transfer.end_at:
                said = printable(f"The answer to the message was lost: {reason}")
                transfer.keeper.answered(key, Reply("uncertain", None, said, "end"))
            else:
                said = f"{self.name} was lost before the message was handed over: {reason}."
                transfer.keeper.not_taken(key, printable(said))

    def _ask(self) -> None:
        """All that is to be asked in one piece, or the next of it."""
        if not self._features.pipelining:
            step, command, transfer = self._to_ask.popleft()
            self._asked.append((step, transfer))
            self.outbox.put(command)
            return
        self._asked += [(step, transfer) for step, _, transfer in self._to_ask]
        self.outbox.put(b"".join([command for _, command, _ in self._to_ask]))
        self._to_ask.clear()

    def _take(self, code: int, text: bytes) -> None:
        if not self._asked:
            raise NotSmtpError(f"said “{code} {decoded(text)}” unasked")
        step, transfer = self._asked.popleft()
        granted = code // 100 == (GO_ON if step == "data" else DONE)
        if not granted and code // 100 < FAILED:
            raise NotSmtpError(f"answered “{code} {decoded(text)}” to {step}")
        if transfer is None:
            self.lose("it said goodbye")
        elif granted:
            self._granted(step, transfer, code, text)
        elif code == CLOSING:
            self._settle(transfer, step, code, text)
            self.lose(f"it said “{code} {decoded(text)}”")
        else:
            self._denied(step, transfer, code, text)

    def _granted(self, step: Step, transfer: _Transfer, code: int, text: bytes) -> None:
        if step == "end":
            self._ended(transfer, code, text)
        elif step == "data":
            self._wanted(transfer)
        elif step == "mail":
            transfer.sender_taken = True
        elif step == "rcpt":
            transfer.reader_taken = True
        if self._to_ask:
            self._ask()

    def _denied(self, step: Step, transfer: _Transfer, code: int, text: bytes) -> None:
        if step == "reset":
            raise NotSmtpError(f"answered “{code} {decoded(text)}” to RSET")
        if step == "end":
            self._ended(transfer, code, text)
            return
        self._settle(transfer, step, code, text)
        if step != "dot":
            self._to_ask.clear()
            self._reset_first = transfer.sender_taken

    def _wanted(self, transfer: _Transfer) -> None:
        """The server waits for the content."""
        if not transfer.settled:
            self._put_content(transfer)
        elif transfer.reader_taken:
            self.lose("it wants the message of a sender it refused")
        else:
            # A message for nobody: its end alone. Whatever is answered to it, nobody was mailed.
            self._reset_first = False
            self.outbox.put(_END)
            self._asked.append(("dot", transfer))

    def _put_content(self, transfer: _Transfer) -> None:
        try:
            may_go = transfer.keeper.offering(transfer.offer.key)
        except OSError as error:
            self.lose(f"the offer could not be noted down: {error.strerror or error}")
            return
        if not may_go:
            self.lose("the time for sending was over")
            return
        self.outbox.put(transfer.offer.message)
        transfer.end_at = self.outbox.queued
        self.outbox.put(_END)
        self._asked.append(("end", transfer))

    def _ended(self, transfer: _Transfer, code: int, text: bytes) -> None:
        early = self.outbox.written < (transfer.end_at or 0) + len(_END)
        if early and code // 100 == DONE:
            raise NotSmtpError(f"said “{code} {decoded(text)}” before the message's end")
        self._settle(transfer, "end", code, text)
        if early:
            self.lose("it did not wait for the message's end")

    def _settle(self, transfer: _Transfer, step: Step, code: int, text: bytes) -> None:
        """The first answer that decides counts; those that follow from it add nothing."""
        stage = _STAGES.get(step)
        if transfer.settled or stage is None:
            return
        transfer.settled = True
        self._open.remove(transfer)
        self.useful = self.useful or code != CLOSING
        transfer.keeper.answered(transfer.offer.key, reply_to(stage, code, text))
