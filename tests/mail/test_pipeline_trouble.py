"""Whatever a server answers, and wherever the line breaks, each message's end is known."""

import socket
import threading
import time
from itertools import product

import pytest

from publisher.errors import UnavailableError
from publisher.mail.pipeline import hand_over
from tests.mail.wire import BODY, Act, Book, Wire, at, lines_to, offers, reader, wire
from tests.services.smtp import SmtpServer

PIPELINED, LOCK_STEP = ("PIPELINING", "SIZE 1000000"), ("SIZE 1000000",)
either_way = pytest.mark.parametrize("features", [PIPELINED, LOCK_STEP], ids=["piped", "steps"])


def handed_over(server: Wire, count: int = 4, *, answers_s: float = 5.0) -> Book:
    book = Book()
    with lines_to(server.port, answers_s=answers_s) as lines:
        hand_over(lines, offers(count), book)
    return book


@either_way
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(("code", "outcome"), [(550, "refused"), (451, "deferred")])
def test_a_no_at_any_stage_concerns_that_message_only(
    features: tuple[str, ...], verb: str, code: int, outcome: str
) -> None:
    no = at(verb, b"%d 4.7.1 no\r\n" % code, nth=2, keep=False)
    with wire(no, features=features) as server:
        book = handed_over(server)

    assert book.outcomes() == ["accepted", outcome, "accepted", "accepted"]
    assert server.kept == [reader(0), reader(2), reader(3)]
    reply = book.replies[1]
    assert (reply.code, reply.text) == (code, "4.7.1 no")
    assert reply.stage == {"MAIL": "mail", "RCPT": "rcpt", "DATA": "data", ".": "end"}[verb]
    assert server.clients == 1


@either_way
@pytest.mark.parametrize("nth", [1, 3])
def test_an_empty_message_taken_for_a_refused_reader_is_not_an_accepted_one(
    features: tuple[str, ...], nth: int
) -> None:
    refused = at("RCPT", b"550 5.1.1 no such reader\r\n", nth=nth)
    with wire(refused, features=features, empty_is_fine=True) as server:
        book = handed_over(server)

    expected = ["accepted"] * 4
    expected[nth - 1] = "refused"
    assert book.outcomes() == expected
    assert book.replies[nth - 1].code == 550
    assert server.kept == [reader(key) for key in range(4) if key != nth - 1]


def test_all_readers_refused_leaves_the_line_as_good_as_new() -> None:
    with wire(at("RCPT", b"550 no\r\n")) as server:
        book = handed_over(server, 50)

    assert book.outcomes() == ["refused"] * 50
    assert server.clients == 1


def test_a_server_that_wants_the_message_of_a_refused_sender_gets_none() -> None:
    def twisted(verb: str, _line: str) -> Act | None:
        answers = {"MAIL": b"550 no\r\n", "RCPT": b"250 ok\r\n", "DATA": b"354 go on\r\n"}
        return Act(answers[verb]) if verb in answers else None

    with wire(twisted) as server:
        book = handed_over(server, 1)

    assert (book.outcomes(), server.kept) == (["refused"], [])


@either_way
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
def test_421_defers_one_message_and_the_rest_goes_over_a_new_line(
    features: tuple[str, ...], verb: str
) -> None:
    closing = at(verb, b"421 4.3.2 going down\r\n", nth=3, keep=False, hang_up=True)
    with wire(closing, features=features) as server:
        book = handed_over(server, 6)

    assert (book.replies[2].outcome, book.replies[2].code) == ("deferred", 421)
    assert book.readers("accepted") == set(server.kept)
    assert server.clients == 2
    # Only a message whose envelope went out behind the third's end can be lost with it.
    assert set(book.reasons) <= {3}
    assert book.outcomes().count("accepted") >= 4


@either_way
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_line_cut_before_the_message_takes_nothing_and_the_rest_goes_on(
    features: tuple[str, ...], verb: str
) -> None:
    with wire(at(verb, b"", nth=3, hang_up=True), features=features) as server:
        book = handed_over(server, 6)

    assert book.outcomes() == ["accepted"] * 2 + ["not taken"] + ["accepted"] * 3
    assert book.readers("accepted") == set(server.kept)
    assert "lost before the message was handed over" in book.reasons[2]


@either_way
@pytest.mark.parametrize("keep", [True, False])
def test_a_line_cut_at_the_end_leaves_that_message_in_doubt_and_no_other(
    features: tuple[str, ...], *, keep: bool
) -> None:
    with wire(at(".", b"", nth=3, keep=keep, hang_up=True), features=features) as server:
        book = handed_over(server, 6)

    assert book.replies[2].outcome == "uncertain"
    assert [reply.outcome for reply in book.replies.values()].count("uncertain") == 1
    assert set(book.reasons) <= {3}
    assert book.readers("accepted") == set(server.kept) - {reader(2)}


def test_a_line_reset_by_the_other_side_is_like_one_that_was_cut(smtp_server: SmtpServer) -> None:
    def cut(_: object) -> None:
        if len(smtp_server.messages) == 5:
            raise ConnectionResetError

    smtp_server.after_data = cut
    book = Book()
    with lines_to(smtp_server.port) as lines:
        hand_over(lines, offers(10), book)

    assert book.replies[4].outcome == "uncertain"
    assert len(set(smtp_server.recipients())) == len(smtp_server.messages)
    assert book.readers("accepted", "uncertain") == set(smtp_server.recipients())


GARBAGE = (
    b"what?\r\n",
    b"\x00\xff\r\n",
    b"2500 ok\r\n",
    b"350 hm\r\n",
    b"999 x\r\n",
    b"250-a\r\n" * 200,
)
VERBS = ("MAIL", "RCPT", "DATA", ".")
GO_ON = ("DATA", b"350 hm\r\n")  # no garbage there: the class of the code is what counts


@either_way
@pytest.mark.parametrize(
    ("verb", "answer"), [pair for pair in product(VERBS, GARBAGE) if pair != GO_ON]
)
def test_garbage_ends_the_line_and_decides_nothing(
    features: tuple[str, ...], verb: str, answer: bytes
) -> None:
    with wire(at(verb, answer, nth=2), features=features) as server:
        book = handed_over(server, 5)

    ends = book.outcomes()
    assert ends[1] == ("uncertain" if verb == "." else "not taken")
    assert ends.count("accepted") >= 3
    assert book.readers("accepted") <= set(server.kept)
    assert set(server.kept) <= book.readers("accepted", "uncertain")


def test_a_yes_where_the_message_should_go_on_sends_none() -> None:
    with wire(at("DATA", b"250 ok\r\n", nth=1)) as server:
        book = handed_over(server, 1)

    assert (book.outcomes(), server.kept) == (["not taken"], [])


def test_a_yes_before_the_message_was_sent_is_no_yes() -> None:
    with wire(at("DATA", b"354 go on\r\n250 kept\r\n", nth=1)) as server:
        book = handed_over(server, 1)

    assert (book.outcomes(), server.kept) == (["not taken"], [])


@pytest.mark.parametrize(("code", "outcome"), [(552, "refused"), (452, "deferred")])
def test_a_no_before_the_end_of_the_message_is_heard(code: int, outcome: str) -> None:
    early = at("DATA", b"354 go on\r\n%d too much\r\n" % code, nth=2)
    with wire(early) as server:
        book = handed_over(server)

    assert book.outcomes() == ["accepted", outcome, "accepted", "accepted"]
    assert (book.replies[1].code, book.replies[1].stage) == (code, "end")
    assert reader(1) not in server.kept


def test_answers_twice_are_not_taken_for_those_of_the_next_message() -> None:
    with wire(at(".", b"250 kept\r\n250 kept\r\n", nth=1)) as server:
        book = handed_over(server, 5)

    assert book.outcomes()[0] == "accepted"
    assert book.readers("accepted") <= set(server.kept)
    assert set(server.kept) <= book.readers("accepted", "uncertain")


@either_way
def test_answers_of_many_lines_and_in_pieces_are_whole(features: tuple[str, ...]) -> None:
    many = at("RCPT", b"550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 reader\r\n", nth=1)
    with wire(many, features=features) as server:
        book = handed_over(server, 2)

    assert book.replies[0].text == "5.1.1 no 5.1.1 such 5.1.1 reader"
    assert book.replies[1].outcome == "accepted"


def test_a_10_kb_answer_is_cut_to_200_printable_characters() -> None:
    answer = b"550 \x1b[31m<svg onload=x>\x00" + "né".encode() * 3500 + b"\r\n"
    with wire(at("RCPT", answer, nth=1)) as server:
        book = handed_over(server, 2)

    assert (len(book.replies[0].text), book.replies[0].text.isprintable()) == (200, True)
    assert book.replies[1].outcome == "accepted"


@either_way
@pytest.mark.parametrize(("verb", "end"), [("RCPT", "not taken"), (".", "uncertain")])
def test_a_silent_server_is_given_up_after_the_time_out(
    features: tuple[str, ...], verb: str, end: str
) -> None:
    def silent(said: str, _line: str) -> None:
        time.sleep(1.5 if said == verb else 0)

    with wire(silent, features=features) as server:
        book = handed_over(server, 1, answers_s=0.4)

    assert book.outcomes() == [end]
    said = book.reasons.get(0) or book.replies[0].text
    assert "timed out" in said


def test_a_server_that_drips_its_answer_does_not_hold_us_for_ever() -> None:
    never = at("RCPT", b"250-more\r\n")
    with (
        wire(never, features=LOCK_STEP) as server,
        lines_to(server.port, answers_s=0.4) as lines,
    ):
        book = Book()
        start = time.monotonic()
        with pytest.raises(UnavailableError, match=r"hangs up .* timed out"):
            hand_over(lines, offers(50), book)

    assert time.monotonic() - start < 5
    assert set(book.outcomes()) == {"not taken"}


def test_a_server_that_takes_no_bytes_is_given_up_and_has_nothing() -> None:
    answers = [b"220 x\r\n", b"250-x\r\n250 PIPELINING\r\n", b"250 x\r\n250 x\r\n354 x\r\n"]
    over = threading.Event()

    def read_no_more(listener: socket.socket) -> None:
        with listener.accept()[0] as client:
            for answer in answers:
                client.sendall(answer)
                client.recv(1000)
            over.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=read_no_more, args=[listener])
        thread.start()
        book = Book()
        with lines_to(listener.getsockname()[1], answers_s=0.5) as lines:
            hand_over(lines, offers(1, BODY * 1_000_000), book)
        over.set()
        thread.join()

    assert book.offered == [0]
    assert "timed out" in book.reasons[0]


@pytest.mark.parametrize("answer", [b"", b"421 4.7.0 not now\r\n"])
def test_a_server_that_hangs_up_on_everybody_is_left_alone_after_three_lines(
    answer: bytes,
) -> None:
    with wire(at("MAIL", answer, hang_up=True)) as server, lines_to(server.port) as lines:
        book = Book()
        with pytest.raises(UnavailableError, match="hangs up before it takes a message"):
            hand_over(lines, offers(50), book)

    assert server.clients == 3
    assert len(book.outcomes()) <= 4
    assert set(book.outcomes()) <= {"not taken", "deferred"}


def test_a_server_that_comes_back_is_used_again() -> None:
    gone = at("MAIL", b"", nth=2, hang_up=True)
    with wire(gone) as server, lines_to(server.port) as lines:
        hand_over(lines, offers(1), Book())
        broken, whole = Book(), Book()
        hand_over(lines, offers(1), broken)
        hand_over(lines, offers(3), whole)

    assert broken.outcomes() == ["not taken"]
    assert whole.outcomes() == ["accepted"] * 3
