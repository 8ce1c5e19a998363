"""What a process that sends mail keeps between batches: its press and its connection."""

import time

from publisher.delivery.press import Press
from publisher.delivery.relay import relay_of
from publisher.mail.connection import Connection
from publisher.mail.smtp import connect
from publisher.store import Runtime

IDLE_LIMIT_S = 20.0
MOST_MESSAGES = 1000


class Carrier:
    """One a process. Its connection is kept while it is used and given up when it idles."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.press = Press(runtime.settings)
        self.stopping = False
        self._connection: Connection | None = None
        self._used_at = 0.0
        self._messages = 0

    def connection(self) -> Connection:
        """A connection that can take a message; raises UnavailableError where there is none."""
        stale = time.monotonic() - self._used_at > IDLE_LIMIT_S or self._messages >= MOST_MESSAGES
        if self._connection is not None and (stale or not self._connection.alive):
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = connect(relay_of(self.runtime.settings))
            self._messages = 0
        self._used_at = time.monotonic()
        self._messages += 1
        return self._connection

    def stop(self) -> None:
        """Have the batch that is being sent put back once the message on its way is handed over."""
        self.stopping = True

    def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
