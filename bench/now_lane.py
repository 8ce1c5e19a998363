"""How long a letter takes while a large edition is being sent, against an idle newsroom.

    .venv/bin/python -m bench.now_lane [--letters N]

The embedded newsroom (SQLite, one worker of two processes for every lane) sends editions without
a pause to a mail server that takes its time over each message, and people ask for a newsletter
meanwhile. Counted from the letter's row being written to its outcome being in the row, tracked by
the newsroom itself. Prints one table; nothing is written.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table
from sqlmodel import col, select

from publisher import queue
from publisher.accounts.actor import Actor
from publisher.audience.choices import Choice
from publisher.audience.models import LetterRow, LetterState
from publisher.audience.subscribe import Consent, Request, request_subscription
from publisher.cli.drill import house as drill
from publisher.cli.drill.cast import NEWSLETTER
from publisher.store import utc_now

READERS = 4_000
PATIENCE_S = 300.0
_BETWEEN_S = 0.25


@dataclass(frozen=True, slots=True)
class Case:
    """A newsroom: whether it sends meanwhile, and how long its server takes over a message."""

    name: str
    busy: bool
    message_takes_s: float


CASES = (
    Case("idle", busy=False, message_takes_s=0.003),
    Case("busy, 3 ms a message", busy=True, message_takes_s=0.003),
    Case("busy, 250 ms a message", busy=True, message_takes_s=0.25),
)


def main() -> None:
    """Measure every case once and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=60)
    letters = parser.parse_args().letters
    table = Table(
        *("newsroom", "letters", "median s", "p99 s", "longest s", "median ÷ idle", "mails/s"),
        box=MARKDOWN,
    )
    idle = 0.0
    for case in CASES:
        delays, rate = measure(case, letters)
        median = statistics.median(delays)
        idle = idle or median
        table.add_row(
            case.name,
            str(len(delays)),
            f"{median:.2f}",
            f"{_p99(delays):.2f}",
            f"{max(delays):.2f}",
            f"{median / idle:.1f}",
            f"{rate:.0f}",
        )
    Console(width=120).print(table)


def measure(case: Case, letters: int) -> tuple[list[float], float]:
    """The delays of so many letters in seconds, and how many mails of editions went a second."""
    drill.MESSAGE_TAKES_S = case.message_takes_s
    with drill.house_open(READERS if case.busy else 1, threading.Event()) as house:
        _point_queue_at(house)
        house.children.start("worker")
        _ask(house, letters)
        house.until(lambda: house.taken() == 1, "the first letter")
        if case.busy:
            house.launch()
            house.until(lambda: house.taken() > 1, "the first mail")
        before, began = house.taken(), time.monotonic()
        for number in range(letters):
            if case.busy and not house.is_sending():
                house.launch()
            _ask(house, number)
            time.sleep(_BETWEEN_S)
        rate = (house.taken() - before - letters) / (time.monotonic() - began)
        delays = list(_delays(house, letters + 1))[1:]
        house.children.kill("worker")
    return delays, max(rate, 0.0)


def _point_queue_at(house: drill.House) -> None:
    """Celery keeps its first broker for the life of a process; each newsroom has its own."""
    queue.app.close()
    vars(queue.app).pop("amqp", None)
    queue.configure(house.runtime.settings)


def _ask(house: drill.House, number: int) -> None:
    """Somebody new asks for the newsletter, and is asked back by a letter."""
    consent = Consent("192.0.2.7", "/newsletters", "Yes.")
    address = f"asks{number:04}@readers.example"
    request = Request(address, (Choice(NEWSLETTER, "daily"),), consent)
    key = house.runtime.settings.secret_key.get_secret_value()
    with house.runtime.sessions.begin() as session:
        request_subscription(session, request, key=key, by=Actor("reader"), now=utc_now())


def _delays(house: drill.House, letters: int) -> Iterator[float]:
    """From the writing of each letter to its outcome, once all have one."""
    accepted = select(LetterRow).where(col(LetterRow.state) == LetterState.ACCEPTED)
    done = accepted.order_by(col(LetterRow.id))
    limit = time.monotonic() + PATIENCE_S
    while True:
        with house.runtime.sessions.read() as session:
            rows = session.exec(done).all()
        if len(rows) == letters:
            break
        assert time.monotonic() < limit, f"only {len(rows)} of {letters} letters went"
        time.sleep(0.2)
    for row in rows:
        assert row.at is not None
        yield (row.at - row.created_at).total_seconds()


def _p99(delays: list[float]) -> float:
    return sorted(delays)[min(len(delays) - 1, int(len(delays) * 0.99))]


if __name__ == "__main__":
    main()
