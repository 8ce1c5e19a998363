"""Sending an edition of the demo, and losing its worker on the way."""

from dataclasses import dataclass
from datetime import timedelta

from publisher.cli.demo.readers import EDITOR
from publisher.cli.demo.screen import Step
from publisher.cli.demo.stage import Stage
from publisher.cli.demo.waiting import standing
from publisher.delivery.report import Report
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.models import EditionState
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
        edition_id = _launch(stage, new)
        stage.until(lambda: _is_closed(stage, edition_id, step), "the edition to be sent")
        step.result = _outcome(standing(stage, edition_id)[1])
    return Sent(edition_id, words)


def send_with_a_loss(stage: Stage, words: str, new: NewEdition) -> Sent:
    """The same; but the worker's processes get SIGKILL on the way, and a new worker starts."""
    with stage.screen.step(words) as step:
        before = len(keys(stage.settings.mailbox_folder))
        edition_id = _launch(stage, new)
        stage.until(lambda: _taken(stage, edition_id, before, step) >= KILL_AT, "the first mails")
        pid = stage.children.pid("worker")
        stage.children.kill("worker")
        share = _taken(stage, edition_id, before, step)
        step.result = f"kill -9 of worker {pid} and its processes at {share:.0%}"
    with stage.screen.step("A new worker finds the journal and completes the edition") as step:
        stage.children.start("worker")
        stage.until(lambda: _is_closed(stage, edition_id, step), "the edition to be completed")
        step.result = _outcome(standing(stage, edition_id)[1])
    return Sent(edition_id, words, share)


def _launch(stage: Stage, new: NewEdition) -> int:
    with stage.runtime.sessions.begin() as session:
        edition = create_edition(session, new, by=EDITOR, now=stage.now)
        send(session, edition, hold=timedelta(0), by=EDITOR, now=stage.now)
        return edition.id or 0


def _is_closed(stage: Stage, edition_id: int, step: Step) -> bool:
    edition, sums = standing(stage, edition_id)
    if edition.frozen_at is not None:
        step.show(sums.enlisted - sums.left, sums.enlisted)
    return edition.state in CLOSED


def _taken(stage: Stage, edition_id: int, before: int, step: Step) -> float:
    """The share of the edition that the mail server has, counted in the mailbox itself."""
    _, sums = standing(stage, edition_id)
    if not sums.enlisted:
        return 0.0
    count = len(keys(stage.settings.mailbox_folder)) - before
    step.show(count, sums.enlisted)
    return count / sums.enlisted


def _outcome(sums: Report) -> str:
    words = [f"{sums.accepted} accepted"]
    if sums.uncertain:
        words.append(f"{sums.uncertain} uncertain")
    if sums.excluded:
        words.append(f"{sum(sums.excluded.values())} left out")
    return ", ".join(words)
