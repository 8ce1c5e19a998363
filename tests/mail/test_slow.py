"""Messages of a slow destination: so many at a time, and nobody waits behind them."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import UnavailableError
from publisher.mail.pipeline import Offer, Slow, hand_over
from tests.mail.wire import BODY, SENDER, Act, Book, at, lines_to, offers, wire


class Gauge:
    """Counts the slow destination's messages under way as the server sees them."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._slow = threading.local()

    def __call__(self, verb: str, line: str) -> Act | None:
        with self._lock:
            if verb == "RCPT" and "slow" in line:
                self._slow.here = True
                self._now += 1
                self.most = max(self.most, self._now)
            elif verb == "." and getattr(self._slow, "here", False):
                self._slow.here = False
                self._now -= 1
        return None


@pytest.mark.parametrize(("most", "lines"), [(1, 4), (2, 4), (3, 4), (4, 2)])
def test_no_more_of_them_are_under_way_than_may_be(most: int, lines: int) -> None:
    gauge, book = Gauge(), Book(most_in_doubt=lines)
    with wire(gauge) as server, lines_to(server.port, most=lines) as ways:
        hand_over(ways, iter(()), book, slow=[Slow(slow(40), most)])

    assert book.outcomes() == ["accepted"] * 40
    assert 1 <= gauge.most <= min(most, 2 * lines)
    assert len(set(server.kept)) == 40


def test_others_pass_them_by_and_what_is_left_of_them_is_not_drawn() -> None:
    held = threading.Event()

    def waits(verb: str, line: str) -> None:
        if verb == "RCPT" and "slow" in line:
            held.wait(10)

    class Watched(Book):
        def answered(self, key: int, reply: object) -> None:
            super().answered(key, reply)  # type: ignore[arg-type]
            if len(self.replies) == 30:
                held.set()

    book = Watched(most_in_doubt=3)
    with wire(waits) as server, lines_to(server.port, most=3) as ways:
        hand_over(ways, offers(30), book, slow=[Slow(slow(20), 1)])

    assert {f"reader{key}@readers.example" for key in range(30)} <= set(server.kept)
    taken = [address for address in server.kept if "slow" in address]
    assert 1 <= len(taken) <= 2
    assert len(book.replies) == 30 + len(taken)
    assert not book.reasons


def test_two_slow_ones_do_not_wait_for_each_other() -> None:
    book = Book(most_in_doubt=4)
    with wire() as server, lines_to(server.port, most=4) as ways:
        lanes = [Slow(slow(10), 1), Slow(slow(10, 2000), 1)]
        hand_over(ways, iter(()), book, slow=lanes)

    assert book.outcomes() == ["accepted"] * 20
    assert len(set(server.kept)) == 20


def test_a_slow_one_that_is_refused_makes_room_for_the_next() -> None:
    book = Book()
    with wire(at("RCPT", b"550 5.1.1 no\r\n")) as server, lines_to(server.port) as ways:
        hand_over(ways, iter(()), book, slow=[Slow(slow(5), 1)])

    assert book.outcomes() == ["refused"] * 5
    assert server.kept == []


def test_past_the_fence_none_of_them_is_offered() -> None:
    book = Book(most_in_doubt=2, fence=3)
    with wire() as server, lines_to(server.port, most=2) as ways:
        hand_over(ways, iter(()), book, slow=[Slow(slow(10), 1)])

    assert len(book.offered) == 3
    assert len(server.kept) == 3


def test_one_that_cannot_be_made_stops_the_rest() -> None:
    def broken() -> Iterator[Offer]:
        yield from slow(2)
        raise LookupError

    book = Book()
    with (
        wire() as server,
        lines_to(server.port) as ways,
        pytest.raises(LookupError),
    ):
        hand_over(ways, iter(()), book, slow=[Slow(broken(), 1)])

    assert len(server.kept) == len(book.readers("accepted"))


@settings(max_examples=30, deadline=None)
@given(
    fast=st.integers(0, 12),
    lanes=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 3)), min_size=1, max_size=3),
    lines=st.integers(1, 3),
    trouble=st.sampled_from(["", "RCPT", "DATA", "."]),
    nth=st.integers(1, 6),
)
def test_every_message_that_is_drawn_has_one_end(
    fast: int, lanes: list[tuple[int, int]], lines: int, trouble: str, nth: int
) -> None:
    book = Book(most_in_doubt=lines)
    with (
        wire(at(trouble or "none", b"", nth=nth, hang_up=True, keep=False)) as server,
        lines_to(server.port, most=lines) as ways,
    ):
        groups = [Slow(slow(count, 1000 * no), most) for no, (count, most) in enumerate(lanes, 1)]
        try:
            hand_over(ways, offers(fast), book, slow=groups)
        except UnavailableError:
            return

    ended = set(book.replies) | set(book.reasons)
    assert set(range(fast)) <= ended
    assert fast or len(ended) == sum(count for count, _ in lanes)
    assert len(server.kept) == len(set(server.kept))


def slow(count: int, first: int = 1000) -> Iterator[Offer]:
    """Messages to readers of the slow destination."""
    return (
        Offer(key, SENDER, f"slow{key}@slow.example", BODY) for key in range(first, first + count)
    )
