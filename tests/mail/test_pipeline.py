"""Messages go over several lines at once, and every one comes to exactly one end."""

import itertools
import time
from collections.abc import Iterator

import pytest

from publisher.errors import RefusedError, UnavailableError
from publisher.mail.pipeline import Offer, hand_over
from publisher.mail.replies import Reply
from tests.mail.wire import BODY, SENDER, Book, at, lines_to, offers, reader, wire
from tests.services.smtp import SmtpServer


def test_commands_and_the_next_envelope_go_out_in_one_piece() -> None:
    pieces: list[str] = []
    with wire(lambda verb, _: pieces.append(verb)) as server, lines_to(server.port) as lines:
        book = Book()
        hand_over(lines, offers(3), book)

    assert book.outcomes() == ["accepted"] * 3
    group = ["MAIL", "RCPT", "DATA", "."]
    assert pieces == ["", "EHLO", *group, *group, *group, "QUIT"]


def test_many_messages_over_many_lines_all_arrive_once(smtp_server: SmtpServer) -> None:
    with lines_to(smtp_server.port, most=4) as lines:
        book = Book(most_in_doubt=4)
        hand_over(lines, offers(200), book)

    assert book.outcomes() == ["accepted"] * 200
    assert sorted(smtp_server.recipients()) == sorted(reader(key) for key in range(200))
    assert {message.raw for message in smtp_server.messages} == {BODY}
    assert smtp_server.connections <= 4


def test_a_server_without_pipelining_is_asked_step_by_step() -> None:
    waiting: list[str] = []

    def one_at_a_time(verb: str, _line: str) -> None:
        waiting.append(verb)
        time.sleep(0.005)

    with (
        wire(one_at_a_time, features=()) as server,
        lines_to(server.port) as lines,
    ):
        book = Book()
        hand_over(lines, offers(5), book)

    assert book.outcomes() == ["accepted"] * 5
    assert server.kept == [reader(key) for key in range(5)]


def test_lines_are_kept_for_the_next_messages() -> None:
    with wire() as server, lines_to(server.port, most=2) as lines:
        for _ in range(3):
            hand_over(lines, offers(10), Book(most_in_doubt=2))

        assert server.clients == 2


def test_no_more_lines_are_opened_than_there_are_messages() -> None:
    with wire() as server, lines_to(server.port, most=4) as lines:
        hand_over(lines, offers(1), Book())

        assert server.clients == 1


def test_nothing_to_send_opens_nothing() -> None:
    with wire() as server, lines_to(server.port) as lines:
        hand_over(lines, offers(0), Book())

        assert server.clients == 0


def test_messages_are_made_only_as_they_are_needed() -> None:
    book = Book(most_in_doubt=2)

    def counted() -> Iterator[Offer]:
        for offer in offers(100):
            # On each of two lines one that ends and one that begins, and one is ready for it.
            assert offer.key <= len(book.replies) + 2 * 3
            yield offer

    with wire() as server, lines_to(server.port, most=2) as lines:
        hand_over(lines, counted(), book)

    assert book.outcomes() == ["accepted"] * 100


def test_past_the_fence_nothing_is_offered_and_what_is_in_flight_is_finished() -> None:
    with wire() as server, lines_to(server.port, most=2) as lines:
        book = Book(most_in_doubt=2, fence=7)
        hand_over(lines, offers(20), book)

    assert len(book.offered) == 7
    assert book.readers("accepted") == set(server.kept)
    assert len(server.kept) == 7
    assert all(reason for reason in book.reasons.values())


def test_the_fence_is_asked_after_while_a_slow_server_thinks() -> None:
    def slow(verb: str, _line: str) -> None:
        time.sleep(1.2 if verb == "." else 0)

    with wire(slow) as server, lines_to(server.port) as lines:
        book = Book(fence=1)
        hand_over(lines, offers(3), book)

    assert book.replies[0].outcome == "accepted"
    assert book.asked >= 4


def test_a_line_that_waits_does_not_hold_the_others_back() -> None:
    def one_slow_reader(verb: str, line: str) -> None:
        time.sleep(1.0 if verb == "RCPT" and reader(0) in line else 0)

    with wire(one_slow_reader) as server, lines_to(server.port, most=2) as lines:
        book = Book(most_in_doubt=2)
        hand_over(lines, offers(60), book)

    assert book.outcomes() == ["accepted"] * 60
    assert 0 in list(book.replies)[-2:]  # all but what was begun behind it went before it


def test_a_line_carries_only_its_share_of_messages() -> None:
    with wire() as server, lines_to(server.port, each=4) as lines:
        book = Book()
        hand_over(lines, offers(10), book)

        assert book.outcomes() == ["accepted"] * 10
        assert server.clients == 3
    assert server.heard.count("QUIT") == 3


def test_an_address_that_cannot_be_written_is_refused_without_asking() -> None:
    bad = Offer(7, SENDER, "no address\r\nDATA", BODY)
    with wire() as server, lines_to(server.port) as lines:
        book = Book()
        hand_over(lines, itertools.chain([bad], offers(2)), book)

    assert (book.replies[7].outcome, book.replies[7].stage) == ("refused", "address")
    assert server.kept == [reader(0), reader(1)]


def test_a_return_path_that_is_no_address_is_told_after_the_rest_is_finished() -> None:
    bad = Offer(7, "news", reader(7), BODY)
    with wire() as server, lines_to(server.port, most=2) as lines:
        book = Book(most_in_doubt=2)
        with pytest.raises(RefusedError, match="cannot be mailed"):
            hand_over(lines, itertools.chain(offers(2), [bad]), book)

    assert book.readers("accepted") == set(server.kept) == {reader(0), reader(1)}
    assert set(book.reasons) == {7}


def test_a_message_that_cannot_be_made_stops_the_rest_but_not_those_in_flight() -> None:
    def broken() -> Iterator[Offer]:
        yield from offers(5)
        raise LookupError

    with wire() as server, lines_to(server.port) as lines:
        book = Book()
        with pytest.raises(LookupError):
            hand_over(lines, broken(), book)

    assert server.kept == [reader(key) for key in range(5)]
    assert book.outcomes() == ["accepted"] * 5


def test_a_keeper_that_fails_hangs_up_and_the_lines_can_be_used_again() -> None:
    class Broken(Book):
        def offering(self, key: int) -> bool:
            if key == 3:
                raise LookupError
            return super().offering(key)

    with wire() as server, lines_to(server.port) as lines:
        with pytest.raises(LookupError):
            hand_over(lines, offers(5), Broken())
        book = Book()
        hand_over(lines, offers(2), book)

    assert book.outcomes() == ["accepted"] * 2
    assert server.kept == [reader(key) for key in (0, 1, 2, 0, 1)]


def test_a_message_that_cannot_be_noted_down_does_not_go_out_and_costs_no_other() -> None:
    class Full(Book):
        def offering(self, key: int) -> bool:
            if key == 3:
                raise OSError(28, "No space left on device")
            return super().offering(key)

    with wire() as server, lines_to(server.port) as lines:
        book = Full()
        hand_over(lines, offers(6), book)

    assert book.outcomes() == ["accepted"] * 3 + ["not taken"] + ["accepted"] * 2
    assert "No space left" in book.reasons[3]
    assert server.kept == [reader(key) for key in (0, 1, 2, 4, 5)]


def test_the_keeper_is_asked_between_an_answer_and_all_waiting_and_at_the_end(
    smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked(Book):
        def __init__(self) -> None:
            super().__init__(most_in_doubt=3)
            self.heard_since: set[int] = set()

        def may_offer(self) -> bool:
            self.heard_since.clear()
            return super().may_offer()

        def answered(self, key: int, reply: Reply) -> None:
            super().answered(key, reply)
            self.heard_since.add(key)

    with lines_to(smtp_server.port, most=3) as lines:
        book, wait = Asked(), lines.wait

        def asked_before() -> None:
            assert not book.heard_since
            wait()

        monkeypatch.setattr(lines, "wait", asked_before)
        hand_over(lines, offers(50), book)

    assert (book.outcomes(), book.heard_since) == (["accepted"] * 50, set())


@pytest.mark.parametrize("size", [60_000, 3_000_000])
def test_long_messages_arrive_byte_for_byte(smtp_server: SmtpServer, size: int) -> None:
    body = BODY + (b"x" * 76 + b"\r\n") * (size // 78)
    with lines_to(smtp_server.port, most=2) as lines:
        book = Book(most_in_doubt=2)
        hand_over(lines, offers(6, body), book)

    assert book.outcomes() == ["accepted"] * 6
    assert {message.raw for message in smtp_server.messages} == {body}


def test_a_message_over_the_limit_of_the_server_is_refused_without_sending_it() -> None:
    with wire(features=("PIPELINING", "SIZE 1000")) as server, lines_to(server.port) as lines:
        book = Book()
        hand_over(lines, offers(1, BODY * 50), book)

    assert (book.replies[0].outcome, book.replies[0].stage) == ("refused", "message")
    assert "1000" in book.replies[0].text
    assert not any(line.startswith("MAIL") for line in server.heard)


def test_a_refusal_that_takes_no_turn_can_be_enough_for_the_keeper() -> None:
    class Enough(Book):
        def may_offer(self) -> bool:
            return super().may_offer() and not self.replies

    made: list[int] = []

    def counted() -> Iterator[Offer]:
        for offer in offers(50, BODY * 50):
            made.append(offer.key)
            yield offer

    with wire(features=("PIPELINING", "SIZE 1000")) as server, lines_to(server.port) as lines:
        book = Enough()
        hand_over(lines, counted(), book)

    assert [reply.stage for reply in book.replies.values()] == ["message"]
    assert len(made) <= 2


@pytest.mark.parametrize(
    ("features", "parameters"),
    [((), ""), (("SIZE",), " SIZE={size}"), (("8BITMIME", "SIZE 0"), " SIZE={size}")],
)
def test_the_size_is_told_where_it_is_wanted(features: tuple[str, ...], parameters: str) -> None:
    with wire(features=features) as server, lines_to(server.port) as lines:
        hand_over(lines, offers(1), Book())

    assert f"MAIL FROM:<{SENDER}>{parameters.format(size=len(BODY))}" in server.heard


def test_an_address_with_letters_outside_ascii_needs_a_server_that_takes_them() -> None:
    offer = Offer(0, SENDER, "jörg@bücher.example", BODY)
    for features, outcome in ((("SMTPUTF8", "8BITMIME"), "accepted"), ((), "refused")):
        with wire(features=features) as server, lines_to(server.port) as lines:
            book = Book()
            hand_over(lines, iter([offer]), book)
        assert book.replies[0].outcome == outcome
        assert server.kept == (["jörg@xn--bcher-kva.example"] if features else [])
    assert "SMTPUTF8" in book.replies[0].text


def test_eight_bit_messages_need_a_server_that_takes_them() -> None:
    offer = Offer(0, SENDER, reader(0), "Subject: x\r\n\r\nMöwe\r\n".encode())
    for features, outcome in ((("8BITMIME",), "accepted"), ((), "refused")):
        with wire(features=features) as server, lines_to(server.port) as lines:
            book = Book()
            hand_over(lines, iter([offer]), book)
        assert book.replies[0].outcome == outcome
        assert any("BODY=8BITMIME" in line for line in server.heard) == bool(features)


def test_a_server_that_is_not_there_is_said_and_nothing_is_taken() -> None:
    with wire() as server:
        port = server.port
    with lines_to(port, most=3) as lines:
        book = Book()
        with pytest.raises(UnavailableError, match="is not listening"):
            hand_over(lines, offers(5), book)

    assert book.replies == {}
    assert set(book.outcomes()) <= {"not taken"}


def test_a_server_with_room_for_fewer_lines_gets_fewer() -> None:
    full = at("", b"421 too many\r\n", nth=2, hang_up=True)
    with wire(full) as server, lines_to(server.port, most=2) as lines:
        book = Book(most_in_doubt=2)
        hand_over(lines, offers(20), book)

    assert book.outcomes() == ["accepted"] * 20
