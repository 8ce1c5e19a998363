"""The books of a window: the journal while messages are on their way, outcomes once decided."""

from collections.abc import Callable, Sequence

from publisher.delivery.journal import Journal
from publisher.delivery.outcome import Outcome
from publisher.delivery.window import Reader
from publisher.mail.connection import Reply, Stage
from publisher.mail.replies import CLOSING


class Books:
    """Hears what becomes of each message of a window; see `publisher.mail.pipeline.Keeper`.

    What a full disk keeps out of the journal is known here and goes into the rows nevertheless.

    `may_go_on` is asked before each message. Two things stop the window and are no reader's
    outcome: `refusal` is why the server would not have our sender, or so large a message, whoever
    the reader is; `unwritten` is why the journal could not be written.
    """

    def __init__(
        self, journal: Journal, readers: Sequence[Reader], may_go_on: Callable[[], bool]
    ) -> None:
        self.outcomes: list[Outcome] = []
        self.refusal: Reply | None = None
        self.unwritten: OSError | None = None
        self._journal = journal
        self._attempts = {reader.subscriber_id: reader.attempts for reader in readers}
        self._offered: set[int] = set()
        self._passed_over: dict[int, str] = {}
        self._may_go_on = may_go_on

    @property
    def served(self) -> bool:
        """Whether a server decided on any of the messages."""
        return any(outcome.reply.code is not None for outcome in self.outcomes)

    def may_offer(self) -> bool:
        """Whether another message may go out; asked before anything is waited for.

        Side effect: what was heard stands in the journal then.
        """
        try:
            self._journal.flush()
        except OSError as error:
            self.unwritten = error
        return self._may_go_out()

    def offering(self, key: int) -> bool:
        """Whether the message's content may go out; not without a line in the journal."""
        if not self._may_go_out():
            return False
        try:
            self._journal.offering(key)
        except OSError as error:
            self.unwritten = error
            raise
        self._offered.add(key)
        return True

    def answered(self, key: int, reply: Reply) -> None:
        """The server decided, or is in doubt for good.

        One that closes when it is told the sender has not heard of the reader yet.
        """
        if reply.code == CLOSING and reply.stage == "mail":
            self.not_taken(key, f"The mail server closed: {reply.code} {reply.text}")
            return
        if reply.outcome == "refused" and reply.stage in {"mail", "message"}:
            self.not_taken(key, reply.text)
            self.refusal = reply
            return
        if reply.outcome != "uncertain":
            self._journal.answered(key, reply.code)
        self.outcomes.append(Outcome(key, self._attempts[key], reply))

    def not_taken(self, key: int, reason: str) -> None:
        """The server cannot have it: the delivery stays queued.

        One that was on its way when the line broke is tried again later, as if the server had
        asked for that: a message that always breaks its line must not come back for ever.
        """
        self._journal.not_taken(key)
        if key in self._offered:
            self._put_off(key, reason, "end")
        else:
            self._passed_over[key] = reason

    @property
    def is_stuck(self) -> bool:
        """Whether nothing became of any message, although lines could be had."""
        return bool(self._passed_over) and not self.outcomes and self.may_offer()

    def put_off(self) -> None:
        """Try those later whose lines broke: they must not go round and round."""
        for key, reason in self._passed_over.items():
            self._put_off(key, reason, "mail")

    def unmailable(self, key: int, why: str) -> None:
        """An address that no server would take."""
        reply = Reply("refused", None, why[:200], "address")
        self.outcomes.append(Outcome(key, self._attempts[key], reply))

    def _may_go_out(self) -> bool:
        return self.refusal is None and self.unwritten is None and self._may_go_on()

    def _put_off(self, key: int, reason: str, stage: Stage) -> None:
        reply = Reply("deferred", None, reason[:200], stage)
        self.outcomes.append(Outcome(key, self._attempts[key], reply))
