"""The store: engine, transactions and the runtime that every door makes once.

Bringing it to the newest shape stands apart, in `store.upgrade`: Alembic takes 12 MB of every
process that imports it, and only one command needs it.
"""

from publisher.store.runtime import Clock, Runtime, open_runtime, utc_now
from publisher.store.sessions import Sessions

__all__ = ["Clock", "Runtime", "Sessions", "open_runtime", "utc_now"]
