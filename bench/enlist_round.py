"""One round of `bench.enlist`, in a process of its own so that its memory can be measured.

`python -m bench.enlist_round ACT SETTINGS`, both as JSON; prints a line of JSON.
"""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from bench.processes import peak_of
from publisher import queue
from publisher.editions.enlist import enlist
from publisher.editions.models import DeliveryRow
from publisher.settings import load_settings
from publisher.store import open_runtime

BARE = sa.text("INSERT INTO delivery SELECT * FROM enlisted")


@dataclass(frozen=True, slots=True)
class Act:
    """Enlist an edition at a moment; or, `bare`, insert the rows that were enlisted before."""

    edition: int
    now: str
    bare: bool = False


def main(act: Act, settings: dict[str, Any]) -> None:
    """Print how many seconds it took up to its commit, the most memory, and how many rows."""
    runtime = open_runtime(load_settings(**settings))
    queue.configure(runtime.settings)
    with runtime.sessions.read() as session:
        session.execute(sa.text("SELECT 1"))  # connects
    began = time.perf_counter()
    with runtime.sessions.begin() as session:
        _do(session, act)
    seconds = time.perf_counter() - began
    with runtime.sessions.read() as session:
        rows = _deliveries(session, act.edition)
    print(json.dumps({"seconds": seconds, "peak_bytes": peak_of(os.getpid()), "messages": rows}))


def arguments(act: Act, settings: dict[str, Any]) -> list[str]:
    """What a process for this act is called with."""
    return [json.dumps(asdict(act)), json.dumps(settings, default=str)]


def _do(session: Session, act: Act) -> None:
    if act.bare:
        session.connection().execute(BARE)
        return
    assert enlist(session, act.edition, datetime.fromisoformat(act.now)) is not None


def _deliveries(session: Session, edition: int) -> int:
    statement = sa.select(sa.func.count()).where(col(DeliveryRow.edition_id) == edition)
    return int(session.execute(statement).scalar_one())


if __name__ == "__main__":
    main(Act(**json.loads(sys.argv[1])), json.loads(sys.argv[2]))
