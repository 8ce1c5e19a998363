"""Keeps what was counted of feeds: once a minute, and when the process ends."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from publisher.feeds.tally import Asked, Tally, keep
from publisher.store import Runtime

EVERY_S = 60.0
log = logging.getLogger(__name__)


def counting(
    runtime: Runtime, tally: Tally, *, every_s: float = EVERY_S
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What runs beside the application as long as it is up.

    Requests only count in memory. Where the database is away, what was counted waits.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        clockwork = asyncio.create_task(_now_and_then(runtime, tally, every_s))
        try:
            yield
        finally:
            clockwork.cancel()
            await _keep(runtime, tally)

    return lifespan


async def _now_and_then(runtime: Runtime, tally: Tally, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        await _keep(runtime, tally)


async def _keep(runtime: Runtime, tally: Tally) -> None:
    """The tally belongs to this thread, the database to another: no request waits for it."""
    taken = tally.take()
    if not taken:
        return
    try:
        await asyncio.to_thread(_write, runtime, taken)
    except SQLAlchemyError as error:
        tally.give_back(taken)
        log.warning("what was served of feeds is not written down yet: %s", type(error).__name__)


def _write(runtime: Runtime, taken: Mapping[Asked, int]) -> None:
    with runtime.sessions.begin() as session:
        keep(session, taken, runtime.clock())
