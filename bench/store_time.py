"""What the database costs a delivery: every transaction of sending, timed from BEGIN to COMMIT.

The same functions as in a worker, in this process; the time includes SQLAlchemy and the waiting.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine, event
from sqlmodel import Session, col

from bench.check import batches
from bench.engine import enlisted
from bench.houses import House
from bench.processes import cpu_of
from publisher.delivery.carrier import Carrier
from publisher.delivery.send import send_batch
from publisher.editions.models import DeliveryRow, DeliveryState
from publisher.store import Runtime, Sessions


@dataclass(frozen=True, slots=True)
class Cost:
    """Of so many deliveries: seconds in transactions, processor seconds on both sides, counts.

    `seconds` grow with whatever else the machine does; the processor's do so far less.
    """

    messages: int
    seconds: float
    cpu_s: float
    server_cpu_s: float
    transactions: int
    statements: int


class _TimedSessions(Sessions):
    """Sessions that add up how long their transactions take."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.start_anew()
        event.listen(engine, "before_cursor_execute", self._count)

    def start_anew(self) -> None:
        """Forget what was added up until now."""
        self.seconds = self.cpu_s = 0.0
        self.transactions = self.statements = 0

    @contextmanager
    def begin(self) -> Iterator[Session]:
        began, cpu = time.perf_counter(), time.thread_time()
        with super().begin() as session:
            yield session
        self.seconds += time.perf_counter() - began
        self.cpu_s += time.thread_time() - cpu
        self.transactions += 1

    def _count(self, *_: object) -> None:
        self.statements += 1


def cost_of_store(house: House, server_pid: int | None) -> Cost:
    """Send an edition batch by batch; nobody else is at work."""
    edition_id = enlisted(house)
    timed = _TimedSessions(house.runtime.sessions.engine)
    carrier = Carrier(Runtime(house.runtime.settings, timed, house.runtime.clock))
    numbers = batches(house, edition_id)
    send_batch(carrier, edition_id, numbers[0])  # the first one renders, connects, and compiles SQL
    timed.start_anew()
    server = cpu_of(server_pid) if server_pid else 0.0
    for no in numbers[1:]:
        send_batch(carrier, edition_id, no)
    server = cpu_of(server_pid) - server if server_pid else 0.0
    carrier.hang_up()
    messages = _deliveries(house, edition_id, numbers[1:])
    return Cost(messages, timed.seconds, timed.cpu_s, server, timed.transactions, timed.statements)


def _deliveries(house: House, edition_id: int, numbers: list[int]) -> int:
    statement = sa.select(sa.func.count()).where(
        col(DeliveryRow.edition_id) == edition_id,
        col(DeliveryRow.batch_no).in_(numbers),
        col(DeliveryRow.state) == DeliveryState.ACCEPTED,
    )
    with house.runtime.sessions.read() as session:
        return int(session.execute(statement).scalar_one())
