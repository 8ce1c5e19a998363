"""Lines are kept while they serve, renewed when they idle, encrypted where it is asked for."""

import select
import socket
import time
from pathlib import Path

import pytest

from publisher.errors import UnavailableError
from publisher.mail.connection import Connection
from publisher.mail.envelope import Features
from publisher.mail.pipeline import Lines, hand_over
from publisher.mail.smtp import Relay, connect
from tests.mail.servers import make_certificate, secured
from tests.mail.wire import BODY, Book, at, lines_to, offers, wire


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("size", [40, 60_000, 2_000_000])
def test_messages_go_encrypted_over_several_lines(
    tmp_path: Path, security: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    body = BODY + (b"x" * 76 + b"\r\n") * (size // 78)
    with secured(certificate, security=security) as (port, kept):
        relay = Relay("localhost", port, security=security, timeout_s=5)
        lines = Lines(lambda: connect(relay), most=2)
        book = Book(most_in_doubt=2)
        hand_over(lines, offers(8, body), book)
        lines.close()

    assert book.outcomes() == ["accepted"] * 8
    assert kept == [body] * 8


def test_a_line_that_idled_is_left_politely_and_another_is_opened() -> None:
    with wire() as server:
        relay = Relay("127.0.0.1", server.port, timeout_s=5)
        lines = Lines(lambda: connect(relay), most=1, idle_s=0.1)
        hand_over(lines, offers(1), Book())
        time.sleep(0.2)
        book = Book()
        hand_over(lines, offers(1), book)
        lines.close()

    assert book.outcomes() == ["accepted"]
    assert (server.clients, server.heard.count("QUIT")) == (2, 2)


def test_a_line_that_the_server_closed_in_between_costs_no_message() -> None:
    hangs_up = at(".", b"250 kept\r\n", nth=2, hang_up=True)
    with wire(hangs_up) as server, lines_to(server.port) as lines:
        for count in (2, 2):
            book = Book()
            hand_over(lines, offers(count), book)
            assert book.outcomes() == ["accepted"] * count
            time.sleep(0.1)

    assert server.clients == 2


def test_lines_are_closed_without_waiting_for_a_server_that_does_not_answer() -> None:
    def deaf(verb: str, _line: str) -> None:
        time.sleep(3 if verb == "QUIT" else 0)

    with wire(deaf) as server:
        lines = Lines(lambda: connect(Relay("127.0.0.1", server.port, timeout_s=5)), most=1)
        hand_over(lines, offers(1), Book())
        start = time.monotonic()
        lines.close()

        assert time.monotonic() - start < 2.8


def test_a_line_that_comes_too_late_is_closed_by_itself() -> None:
    made: list[Connection] = []

    def late() -> Connection:
        time.sleep(0.3 if made else 0)
        made.append(connect(Relay("127.0.0.1", server.port, timeout_s=5)))
        return made[-1]

    with wire() as server:
        lines = Lines(late, most=2)
        hand_over(lines, offers(2), Book(most_in_doubt=2))
        lines.close()
        for _ in range(50):
            if len(made) == 2 and not made[1].alive:
                break
            time.sleep(0.05)

    assert [line.alive for line in made] == [False] * len(made)


def test_a_fault_while_a_line_is_made_is_not_taken_for_bad_weather() -> None:
    def broken() -> Connection:
        raise LookupError

    lines = Lines(broken)
    with pytest.raises(LookupError):
        hand_over(lines, offers(1), Book())
    lines.close()


def test_a_server_that_was_away_is_tried_anew_with_the_next_messages() -> None:
    away = True

    def weather() -> Connection:
        if away:
            raise UnavailableError("The mail server is away.")
        return connect(Relay("127.0.0.1", server.port, timeout_s=5))

    with wire() as server:
        lines = Lines(weather)
        with pytest.raises(UnavailableError, match="is away"):
            hand_over(lines, offers(1), Book())
        away = False
        book = Book()
        hand_over(lines, offers(1), book)
        lines.close()

    assert book.outcomes() == ["accepted"]


@pytest.mark.parametrize("ahead", [b"421 4.3.2 bye\r\n", b"250 well\r\n"])
def test_a_word_said_too_early_ends_the_line_before_it_takes_a_message(ahead: bytes) -> None:
    with wire(at("EHLO", b"250 wire\r\n" + ahead)) as server, lines_to(server.port) as lines:
        book = Book()
        with pytest.raises(UnavailableError):
            hand_over(lines, offers(3), book)

    assert set(book.outcomes()) <= {"not taken"}
    assert server.kept == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (b"", 300),
        (b"250 ok\r\n", 300),
        (b"250 ok\r\n250 ok\r\n", 120),
        (b"250 ok\r\n250 ok\r\n354 go on\r\n", 600),
    ],
    ids=["mail", "rcpt", "data", "end"],
)
def test_a_server_is_given_the_time_that_rfc_5321_wants(said: bytes, seconds: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        line = Connection(ours, name="It", features=Features(pipelining=True))
        with listener.accept()[0] as theirs:
            line.begin(next(offers(1)), Book())
            line.speak()
            theirs.sendall(said)
            if said:
                select.select([ours], [], [], 5)
            line.listen()
            line.speak()

            line.check_time(line.moved_at + seconds - 1)
            assert line.alive
            line.check_time(line.moved_at + seconds + 0.001)  # sums of floats fall short
            assert not line.alive
