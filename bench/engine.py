"""The whole engine: workers as in production send an edition, and all is counted afterwards."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from bench.broken import BrokenRunError
from bench.cast import EDITOR, NEWSLETTER
from bench.houses import House
from bench.processes import Watch, cpu_of
from bench.smtp_tools import Sink
from bench.staff import staff_of
from publisher.editions.commands import NewEdition, create_edition, send
from publisher.editions.enlist import enlist
from publisher.editions.models import DeliveryRow, DeliveryState, EditionRow, EditionState

OVER = (EditionState.SENT, EditionState.FAILED, EditionState.SKIPPED, EditionState.PAUSED)
_LOOK_S = 0.1
_PATIENCE_S = 60.0
_SLOWEST = 60  # messages a second; a run that is slower than this is broken off


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run came to. `rate` counts from the first finished batch to the last record.

    `whole_s` is from the start of enlisting to the edition's end, `enlist_s` its first part;
    processor seconds are those of all messages together.
    """

    messages: int
    rate: float
    whole_s: float
    enlist_s: float
    worker_cpu_s: float
    server_cpu_s: float
    sink_cpu_s: float
    peak_bytes: int


def send_by_engine(house: House, sink: Sink, server_pid: int | None) -> Sent:
    """Have workers and beat send one edition; raises BrokenRunError if anything does not add up.

    The sink must hold and the rows must record every message, no more and no less.
    """
    with staff_of(house) as workers, Watch(workers) as watch:
        before = _cpu(workers, sink, server_pid)
        began = time.perf_counter()
        edition_id = enlisted(house)
        enlist_s = time.perf_counter() - began
        _wait_until_over(house, sink, edition_id)
        whole_s = time.perf_counter() - began
        after = _cpu(workers, sink, server_pid)
        messages, rate = _recorded(house, edition_id)
    sink.expect(messages)
    worker, server, taking = (late - early for late, early in zip(after, before, strict=True))
    return Sent(messages, rate, whole_s, enlist_s, worker, server, taking, watch.highest)


def memory_of_workers(house: House, sink: Sink, enough: int) -> tuple[int, int]:
    """(peak bytes of a child, messages sent) where workers enlist all, and send so many."""
    with staff_of(house) as workers, Watch(workers) as watch:
        edition_id = _asked_for(house)
        limit = time.monotonic() + _PATIENCE_S + enough / _SLOWEST
        while sink.count() < enough and _state(house, edition_id) not in OVER:
            if time.monotonic() > limit:
                raise BrokenRunError(f"only {sink.count()} of {enough} messages came")
            time.sleep(_LOOK_S)
    return watch.highest, sink.count()


def enlisted(house: House) -> int:
    """An edition made and enlisted here and now; every batch is woken."""
    now = house.runtime.clock()
    with house.runtime.sessions.begin() as session:
        edition = _edition(session, now)
        edition.state, edition.hold_until = EditionState.HOLDING, now
        session.flush()
        enlist(session, edition.id or 0, now)
    return edition.id or 0


def _asked_for(house: House) -> int:
    """An edition that the worker is woken to enlist."""
    now = house.runtime.clock()
    with house.runtime.sessions.begin() as session:
        edition = _edition(session, now)
        send(session, edition, hold=timedelta(0), by=EDITOR, now=now)
    return edition.id or 0


def _edition(session: Session, now: datetime) -> EditionRow:
    new = NewEdition(NEWSLETTER, cadence="daily")
    return create_edition(session, new, by=EDITOR, now=now)


def _wait_until_over(house: House, sink: Sink, edition_id: int) -> None:
    limit = time.monotonic() + _PATIENCE_S + _readers(house, edition_id) / _SLOWEST
    while (state := _state(house, edition_id)) not in OVER:
        if time.monotonic() > limit:
            raise BrokenRunError(f"it was still {state} with {sink.count()} messages at the sink")
        time.sleep(_LOOK_S)
    if state != EditionState.SENT:
        raise BrokenRunError(f"the edition is {state}")


def _recorded(house: House, edition_id: int) -> tuple[int, float]:
    """How many are accepted, and the rate between the first batch's end and the last record.

    What was recorded until that first end is not counted in the rate.
    """
    mine = col(DeliveryRow.edition_id) == edition_id
    taken = col(DeliveryRow.state) == DeliveryState.ACCEPTED
    moment = col(DeliveryRow.at)
    ends = sa.select(sa.func.max(moment)).where(mine).group_by(col(DeliveryRow.batch_no))
    with house.runtime.sessions.read() as session:
        found = sorted(session.execute(ends).scalars())
        count = sa.select(sa.func.count()).where(mine, taken)
        messages = session.execute(count).scalar_one()
        later = session.execute(count.where(moment > found[0])).scalar_one()
    if messages != _readers(house, edition_id):
        raise BrokenRunError(f"only {messages} of {_readers(house, edition_id)} are accepted")
    return messages, later / max((found[-1] - found[0]).total_seconds(), 1e-9)


def _readers(house: House, edition_id: int) -> int:
    statement = sa.select(sa.func.count()).where(col(DeliveryRow.edition_id) == edition_id)
    with house.runtime.sessions.read() as session:
        return int(session.execute(statement).scalar_one())


def _state(house: House, edition_id: int) -> EditionState:
    statement = sa.select(col(EditionRow.state)).where(col(EditionRow.id) == edition_id)
    with house.runtime.sessions.read() as session:
        return EditionState(session.execute(statement).scalar_one())


def _cpu(workers: Sequence[int], sink: Sink, server: int | None) -> tuple[float, float, float]:
    ours = sum(map(cpu_of, workers))
    return ours, cpu_of(server) if server else 0.0, cpu_of(sink.process.pid)
