"""One function for each kind of case: sets it up, runs it, gives its figures by name."""

from dataclasses import asdict
from typing import Any

from bench.check import look_into
from bench.delay import delayed
from bench.engine import enlisted, memory_of_workers, send_by_engine
from bench.ground import Ground
from bench.houses import SQLITE
from bench.naive import send_naively
from bench.plain import Pace, send_by_smtplib
from bench.signing import SIGNED, put_key
from bench.smtp_tools import sink_open
from bench.store_time import cost_of_store

Figures = dict[str, Any]
_MICRO, _MEGA = 1e6, 1e6
_TURNS_KEPT, _TURNS_EACH = 4, 8  # round trips a message of smtplib takes, roughly


def by_engine(ground: Ground, kind: str, variants: int, *, signed: bool) -> Figures:
    """The whole engine, right after smtp-source."""
    base = ground.base()
    settings = SIGNED if signed else {}
    with ground.sent_to(kind, ground.sizes.readers, variants, **settings) as (house, sink):
        put_key(house.runtime.settings)
        sent = send_by_engine(house, sink, ground.estates[kind].server_pid)
    each = _MICRO / sent.messages
    return {
        **asdict(sent),
        "variants": variants,
        "base": base,
        "ratio": sent.rate / base,
        "whole_rate": sent.messages / sent.whole_s,
        "worker_us": sent.worker_cpu_s * each,
        "server_us": sent.server_cpu_s * each,
        "sink_us": sent.sink_cpu_s * each,
        "peak_mb": sent.peak_bytes / _MEGA,
        "message_bytes": len(ground.message),
        "store": ground.estates[kind].version,
    }


def by_smtplib(ground: Ground, trip_ms: int, *, kept: bool) -> Figures:
    """Smtplib with as many connections; where the way is slow, with fewer messages."""
    turns = _TURNS_KEPT if kept else _TURNS_EACH
    messages = ground.in_time(trip_ms) // turns if trip_ms else ground.sizes.smtplib
    with sink_open(ground.tools) as sink, delayed(sink.port, trip_ms) as port:
        pace = send_by_smtplib(
            port,
            ground.message,
            messages,
            processes=ground.processes,
            connections=ground.connections,
            kept=kept,
        )
        sink.expect(pace.messages)
    return _figures(pace)


def by_hand(ground: Ground, kind: str) -> Figures:
    """The loop that everybody writes first, in as many processes."""
    readers = ground.sizes.naive
    with ground.sent_to(kind, readers, 1) as (house, sink):
        pace = send_naively(house, enlisted(house), readers, processes=ground.processes)
        sink.expect(readers)
    return _figures(pace)


def far_away(ground: Ground, trip_ms: int) -> Figures:
    """The whole engine over a slow way."""
    readers = ground.in_time(trip_ms)
    with (
        sink_open(ground.tools) as sink,
        delayed(sink.port, trip_ms) as port,
        ground.house(SQLITE, readers, 1, port) as house,
    ):
        sent = send_by_engine(house, sink, None)
    return {"messages": sent.messages, "rate": sent.rate}


def in_store(ground: Ground, kind: str) -> Figures:
    """What the database costs a delivery."""
    with ground.sent_to(kind, ground.sizes.store, 1) as (house, _):
        cost = cost_of_store(house, ground.estates[kind].server_pid)
    each = _MICRO / cost.messages
    return {
        **asdict(cost),
        "wall_us": cost.seconds * each,
        "client_us": cost.cpu_s * each,
        "server_us": cost.server_cpu_s * each,
    }


def in_memory(ground: Ground, kind: str, readers: int) -> Figures:
    """The peak of a worker that enlists so many and sends to some of them."""
    with ground.sent_to(kind, readers, 1) as (house, sink):
        peak, sent = memory_of_workers(house, sink, min(readers, ground.sizes.memory_sent))
    return {"readers": readers, "messages": sent, "peak_mb": peak / _MEGA}


def looked_into(ground: Ground, kind: str) -> Figures:
    """Whether the mails are right: each one is looked into."""
    readers = ground.sizes.check
    with (
        sink_open(ground.tools, dumping=True) as sink,
        ground.house(kind, readers, 5, sink.port) as house,
    ):
        sent = send_by_engine(house, sink, None)
        return {"messages": sent.messages, "right": look_into(house, sink.dumped())}


def _figures(pace: Pace) -> Figures:
    return {
        "messages": pace.messages,
        "rate": pace.rate,
        "cpu_us": pace.cpu_s / pace.messages * _MICRO,
    }
