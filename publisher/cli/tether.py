"""Runs a command that ends with the process that started it, however that one ended.

The starter holds the writing end of our standard input. When it is gone, even by `kill -9`, the
system closes that end; we then stop, kindly first. Started by path-safe `python -P -m`.
"""

import os
import signal
import threading
import time

from publisher.cli.main import main
from publisher.cli.supervisor import KILL_AFTER_S, QUIT_AFTER_S


def hold_fast() -> None:
    """Run the command of this process's arguments, tethered to whoever started it."""
    threading.Thread(target=_follow_the_starter, daemon=True).start()
    main()


def _follow_the_starter() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(QUIT_AFTER_S)
    os.kill(os.getpid(), signal.SIGQUIT)  # a worker gives its work back; nobody else is left
    time.sleep(KILL_AFTER_S - QUIT_AFTER_S)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    hold_fast()
