"""Keeps an eye on the world while a window is handed over.

It is asked several times a second whether another message may go out, and looks around on the
way: it keeps the lease while a slow server thinks, and notices what is more urgent.
"""

import logging
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from publisher.delivery.claim import LEASE, Claim, give_away_rest, renew
from publisher.delivery.urgent import is_waiting
from publisher.store import Runtime

log = logging.getLogger(__name__)

FENCE_S = LEASE.total_seconds() / 2
RENEW_S = LEASE.total_seconds() / 6
LOOK_S = 1.0


class LeaseLostError(Exception):
    """Another worker has taken the batch over: nothing of it is ours to say any more."""


class Watch:
    """Says until when the messages of a window may be offered.

    Past the fence, half a lease after the window was taken, nothing more is; answers are waited
    for as long as the server may take, with the lease renewed, and the rest of the batch is left
    to others meanwhile. All of it in short transactions of its own; a database that is away is
    looked for again. Raises LeaseLostError where the batch was taken over.
    """

    def __init__(
        self, runtime: Runtime, claim: Claim, *, began: float, stopping: Callable[[], bool]
    ) -> None:
        self.urgent = False
        self._runtime = runtime
        self._claim = claim
        self._stopping = stopping
        self._fence = began + FENCE_S
        self._renew_at = began + RENEW_S
        self._look_at = began + LOOK_S
        self._rest_given = False

    def may_offer(self) -> bool:
        """Whether another message may go out."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_S
            self._look(now)
        return now < self._fence and not self.urgent and not self._stopping()

    def _look(self, now: float) -> None:
        try:
            if now >= self._renew_at:
                self._keep_lease(now)
            if not self.urgent:
                with self._runtime.sessions.read() as session:
                    edition_id = self._claim.edition_id
                    self.urgent = is_waiting(session, edition_id, self._runtime.clock())
        except SQLAlchemyError as error:
            log.warning("the database is away while a batch is sent: %s", error)

    def _keep_lease(self, now: float) -> None:
        give = now >= self._fence and not self._rest_given
        with self._runtime.sessions.begin() as session:
            if not renew(session, self._claim, self._runtime.clock()):
                raise LeaseLostError
            if give:
                give_away_rest(session, self._claim)
        self._rest_given = self._rest_given or give
        self._renew_at = now + RENEW_S
