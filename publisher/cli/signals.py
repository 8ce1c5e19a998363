"""Being asked to stop."""

import signal
import threading


def told_to_stop() -> threading.Event:
    """An event that is set when the terminal closes, on Ctrl-C, and when somebody says TERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, lambda *_: told.set())
    return told
