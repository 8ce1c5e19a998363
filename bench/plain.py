"""smtplib as anybody would use it, with as many connections as the engine has."""

import smtplib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from typing import TypeVar

HOST = "127.0.0.1"
Span = tuple[float, float, float]  # began and ended on the monotonic clock, and seconds of CPU
E = TypeVar("E")
_SENDER = "news@harbour.example"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long so many messages took together, from the first one's start to the last one's end."""

    messages: int
    seconds: float
    cpu_s: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds


@dataclass(frozen=True, slots=True)
class Errand:
    """What one process is to send; `kept`: each thread keeps its connection."""

    port: int
    message: bytes
    messages: int
    threads: int
    kept: bool


def send_by_smtplib(
    port: int, message: bytes, messages: int, *, processes: int, connections: int, kept: bool
) -> Pace:
    """Send one finished message again and again: only the handing over is left of the work."""
    errand = Errand(port, message, messages // processes, connections, kept)
    spans = in_processes(_send_share, [errand] * processes)
    return pace_of(spans, errand.messages * processes)


def in_processes(work: Callable[[E], Span], errands: Sequence[E]) -> list[Span]:
    """Have a new process do each errand, all at once."""
    context = get_context("spawn")
    with ProcessPoolExecutor(len(errands), mp_context=context) as pool:
        return list(pool.map(work, errands))


def pace_of(spans: list[Span], messages: int) -> Pace:
    """What they came to together."""
    began = min(span[0] for span in spans)
    ended = max(span[1] for span in spans)
    return Pace(messages, ended - began, sum(span[2] for span in spans))


def _send_share(errand: Errand) -> Span:
    share = -(-errand.messages // errand.threads)
    shares = [min(share, errand.messages - share * at) for at in range(errand.threads)]
    began, cpu = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(errand.threads) as pool:
        list(pool.map(_send_line, repeat(errand), shares))
    return began, time.monotonic(), time.process_time() - cpu


def _send_line(errand: Errand, messages: int) -> None:
    """The messages of one thread."""
    line: smtplib.SMTP | None = None
    for number in range(messages):
        line = line or smtplib.SMTP(HOST, errand.port, local_hostname="bench.example")
        line.sendmail(_SENDER, [f"reader{number}@readers.example"], errand.message)
        if not errand.kept:
            line.quit()
            line = None
    if line:
        line.quit()
