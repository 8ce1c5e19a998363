"""Waiting for a thing to happen, with a generous limit."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

Answer = TypeVar("Answer")
LIMIT_S = 60.0
_LOOK_EVERY_S = 0.02


def until(what: str, asked: Callable[[], Answer], limit_s: float = LIMIT_S) -> Answer:
    """The first answer that is true; the test fails where none comes in time."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        answer = asked()
        if answer:
            return answer
        time.sleep(_LOOK_EVERY_S)
    pytest.fail(f"After {limit_s:.0f} seconds this has still not happened: {what}.")
