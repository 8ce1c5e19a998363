"""The store: engine, transactions and the runtime that every door makes once."""

from publisher.store.runtime import Clock, Runtime, open_runtime, utc_now
from publisher.store.sessions import Sessions
from publisher.store.upgrade import upgrade

__all__ = ["Clock", "Runtime", "Sessions", "open_runtime", "upgrade", "utc_now"]
