"""Sending an edition of the demo, and losing its worker on the way."""

from dataclasses import dataclass
from datetime import timedelta

from publisher.cli.demo.readers import EDITOR
from publisher.cli.demo.screen import Step
from publisher.cli.demo.stage import Stage
from publisher.delivery.report import Report, report
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.models import EditionRow, EditionState
from publisher.mail.maildir import keys

CLOSED = (EditionState.SENT, EditionState.SKIPPED, EditionState.FAILED, EditionState.PAUSED)
KILL_AT, EARLIEST, LATEST = 0.35, 0.2, 0.8


@dataclass(frozen=True, slots=True)
class Sent:
    """An edition of the demo; `lost_at` is the share that was accepted when its worker died."""

    edition_id: int
    words: str
    lost_at: float | None = None

    @property
    def lost_midway(self) -> bool:
        """Whether the worker died in the middle, as it should."""
        return self.lost_at is None or EARLIEST <= self.lost_at <= LATEST


def send_edition(stage: Stage, words: str, new: NewEdition) -> Sent:
    """Have an edition composed, enlisted and sent, and wait until it is."""
    with stage.screen.step(words) as step:
        run = _launch(stage, new)
        stage.until(lambda: run.is_closed(step), "the edition to be sent")
        step.result = _outcome(run.standing()[1])
    return Sent(run.edition_id, words)


def send_with_a_loss(stage: Stage, words: str, new: NewEdition) -> Sent:
    """The same; but the worker's processes get SIGKILL on the way, and a new worker starts."""
    with stage.screen.step(words) as step:
        run = _launch(stage, new)
        stage.until(lambda: run.share_taken(step) >= KILL_AT, "the first mails")
        pid = stage.children.pid("worker")
        stage.children.kill("worker")
        share = run.share_taken(step)
        step.result = f"process {pid} and its pool, at {share:.0%}"
    with stage.screen.step("A new worker starts, and the edition completes itself") as step:
        stage.children.start("worker")
        stage.until(lambda: run.is_closed(step), "the edition to be completed")
        step.result = _outcome(run.standing()[1])
    return Sent(run.edition_id, words, share)


@dataclass(frozen=True, slots=True)
class _Run:
    """An edition on its way; `before` is how many messages the mailbox held when it set out."""

    stage: Stage
    edition_id: int
    before: int

    def standing(self) -> tuple[EditionRow, Report]:
        """The edition and its sums as they are now."""
        with self.stage.runtime.sessions.read() as session:
            edition = session.get_one(EditionRow, self.edition_id)
            return edition, report(session, edition)

    def is_closed(self, step: Step) -> bool:
        """Whether nothing of it is still to come."""
        self.share_taken(step)
        return self.standing()[0].state in CLOSED

    def share_taken(self, step: Step) -> float:
        """The share that the mail server has, counted in the mailbox itself."""
        enlisted = self.standing()[1].enlisted
        if not enlisted:
            return 0.0
        taken = len(keys(self.stage.settings.mailbox_folder)) - self.before
        step.show(taken, enlisted)
        return taken / enlisted


def _launch(stage: Stage, new: NewEdition) -> _Run:
    before = len(keys(stage.settings.mailbox_folder))
    with stage.runtime.sessions.begin() as session:
        edition = create_edition(session, new, by=EDITOR, now=stage.now)
        send(session, edition, hold=timedelta(0), by=EDITOR, now=stage.now)
        return _Run(stage, edition.id or 0, before)


def _outcome(sums: Report) -> str:
    words = [f"{sums.accepted} accepted"]
    if sums.uncertain:
        words.append(f"{sums.uncertain} uncertain")
    if sums.excluded:
        words.append(f"{sum(sums.excluded.values())} left out")
    return ", ".join(words)
