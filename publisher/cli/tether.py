"""Runs a command that ends with the process that started it, however that one ended.

The starter holds the writing end of our standard input. When it is gone, even by `kill -9`, the
system closes that end; we then stop, kindly first. Started path-safe, as
`python -P -m publisher.cli.tether STOP_SIGNAL COMMAND…`.
"""

import os
import signal
import sys
import threading
import time

from publisher.cli.main import main
from publisher.cli.supervisor import KILL_AFTER_S


def hold_fast() -> None:
    """Run the command of this process's arguments, tethered to whoever started it."""
    stop_signal = signal.Signals[sys.argv.pop(1)]
    threading.Thread(target=_follow_the_starter, args=(stop_signal,), daemon=True).start()
    main()


def _follow_the_starter(stop_signal: signal.Signals) -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), stop_signal)
    time.sleep(KILL_AFTER_S)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    hold_fast()
