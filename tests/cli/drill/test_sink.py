"""The drill's mail server says 250 only to what is on disk, and tells how far a message is."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.cli.drill.sink import HOST, Kept, Moment, Sink, read_record
from publisher.mail.smtp import Relay, connect
from publisher.store import utc_now

ENVELOPE = ("news@drill.example", "ada@readers.example")
MESSAGE = b"Subject: Drill\r\nMessage-ID:\r\n <a@drill.example>\r\n\r\nHello.\r\n"


class Watcher:
    """Notes each moment, and how many messages the record held then; `keep` is its answer."""

    def __init__(self, record: Path) -> None:
        self.record = record
        self.keep = True
        self.seen: list[tuple[Moment, int]] = []

    def __call__(self, moment: Moment) -> bool:
        self.seen.append((moment, len(read_record(self.record))))
        return self.keep


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    return Watcher(tmp_path / "accepted")


@pytest.fixture
def sink(watcher: Watcher) -> Iterator[Sink]:
    with Sink(watcher.record, utc_now, watcher, delay_s=0.0) as sink:
        yield sink


def test_a_message_is_on_disk_before_its_250(sink: Sink, watcher: Watcher) -> None:
    connection = connect(Relay(HOST, sink.port, timeout_s=5.0))
    reply = connection.send(*ENVELOPE, MESSAGE)
    connection.close()

    assert reply.code == 250
    assert watcher.seen == [
        (Moment.OFFERED, 0),
        (Moment.BEGUN, 0),
        (Moment.ARRIVED, 0),
        (Moment.ANSWERED, 1),
    ]
    assert read_record(sink.record) == [Kept("ada@readers.example", "<a@drill.example>")]


def test_a_message_may_be_dropped_with_its_connection(sink: Sink, watcher: Watcher) -> None:
    watcher.keep = False
    connection = connect(Relay(HOST, sink.port, timeout_s=5.0))
    reply = connection.send(*ENVELOPE, MESSAGE)

    assert reply.outcome == "uncertain"
    assert read_record(sink.record) == []


def test_a_message_cut_off_is_not_kept(sink: Sink) -> None:
    with socket.create_connection((HOST, sink.port), timeout=5) as line:
        line.sendall(b"EHLO a\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nSubject: cut")
        _read_until(line, b"354")
    with connect_raw(sink) as later:
        later.sendall(b"QUIT\r\n")
        _read_until(later, b"221")
    assert read_record(sink.record) == []


def test_commands_in_one_piece_are_answered_one_by_one(sink: Sink) -> None:
    mail = b"MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"
    with connect_raw(sink) as line:
        line.sendall(b"EHLO a\r\n" + mail)
        assert b"250-PIPELINING" in _read_until(line, b"354")
        line.sendall(b"Message-ID: <1@x>\r\n\r\nA.\r\n.\r\n" + mail)
        assert _read_until(line, b"354").count(b"250") == 3
    assert read_record(sink.record) == [Kept("b@x", "<1@x>")]


def test_the_most_connections_that_were_open_at_once_are_counted(sink: Sink) -> None:
    for _ in range(2):
        with connect_raw(sink) as first, connect_raw(sink) as second:
            _read_until(first, b"220")
            _read_until(second, b"220")
            for line in (first, second):
                line.sendall(b"QUIT\r\n")
                _read_until(line, b"221")
    assert 2 <= sink.most_open <= 4


def connect_raw(sink: Sink) -> socket.socket:
    return socket.create_connection((HOST, sink.port), timeout=5)


def _read_until(line: socket.socket, sign: bytes) -> bytes:
    heard = b""
    while sign not in heard:
        piece = line.recv(4096)
        assert piece, heard
        heard += piece
    return heard
