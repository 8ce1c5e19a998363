"""How long a server that did not take something is left alone."""

import random
from datetime import timedelta

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


def pause_after(failures: int, wish: timedelta | None = None) -> timedelta:
    """How long to wait after so many: ten seconds, doubling to an hour, spread by a fifth.

    At least as long as the server wishes (`Retry-After`), as far as an hour.
    """
    pause = min(FIRST_PAUSE * (1 << min(failures - 1, 20)), LONGEST_PAUSE)
    spread = pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
    return max(spread, min(wish or timedelta(0), LONGEST_PAUSE))
