"""The development mailbox, written to by an ordinary mail client."""

import smtplib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.errors import UnavailableError
from publisher.mail.mailbox import Mailbox
from publisher.mail.maildir import keys, messages
from publisher.mail.smtp import Relay, connect

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RAW = b"Subject: Ferry\r\n\r\n.dot\r\n..\r\nFrom here\r\n\xc5\x81 " + b"x" * 900 + b"\r\n"


def test_what_a_client_sends_is_on_disk_byte_for_byte(tmp_path: Path) -> None:
    with _mailbox(tmp_path) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("news@harbour.example", ["ann@readers.example", "bob@readers.example"], RAW)

    (stored,) = messages(tmp_path)
    assert stored.raw == RAW
    assert stored.envelope_from == "news@harbour.example"
    assert stored.recipients == ("ann@readers.example", "bob@readers.example")
    assert stored.received_at == NOON


def test_our_own_connection_delivers_too(tmp_path: Path) -> None:
    with _mailbox(tmp_path) as port:
        connection = connect(Relay("127.0.0.1", port, timeout_s=5))
        reply = connection.send("news@harbour.example", "ann@readers.example", b"S: x\r\n\r\nx\r\n")
        connection.close()

    assert reply.outcome == "accepted"
    assert reply.text == f"2.0.0 Kept as {keys(tmp_path)[0]}"


def test_it_announces_what_our_engine_may_use(tmp_path: Path) -> None:
    with _mailbox(tmp_path) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo()

        assert {"pipelining", "8bitmime", "smtputf8", "size"} <= set(client.esmtp_features)


def test_addresses_beyond_ascii_are_taken(tmp_path: Path) -> None:
    with _mailbox(tmp_path) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("news@harbour.example", "jörg@bücher.example", RAW, ["SMTPUTF8"])

    assert next(messages(tmp_path)).recipients == ("jörg@bücher.example",)


def test_a_line_beyond_the_limit_is_refused_and_the_next_message_is_taken(tmp_path: Path) -> None:
    with _mailbox(tmp_path) as port, smtplib.SMTP("127.0.0.1", port) as client:
        with pytest.raises(smtplib.SMTPDataError, match="Line too long"):
            client.sendmail("news@harbour.example", "ann@readers.example", b"x" * 5000)
        client.sendmail("news@harbour.example", "ann@readers.example", RAW)

    assert len(keys(tmp_path)) == 1


def test_many_clients_at_once_lose_nothing(tmp_path: Path) -> None:
    with _mailbox(tmp_path) as port, ThreadPoolExecutor(4) as pool:
        list(pool.map(_send_ten, [port] * 4))

    assert len(list(messages(tmp_path))) == 40


def test_a_distant_server_can_be_played(tmp_path: Path) -> None:
    with _mailbox(tmp_path, delay_s=0.2) as port:
        started = time.monotonic()
        _send_one(port)

    assert time.monotonic() - started >= 0.2


def test_a_message_that_cannot_be_kept_is_deferred(tmp_path: Path) -> None:
    (tmp_path / "tmp").write_text("a file where a folder should be")
    with _mailbox(tmp_path) as port, pytest.raises(smtplib.SMTPDataError, match="452"):
        _send_one(port)


def test_a_taken_port_is_said() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UnavailableError, match="PUBLISHER_MAILBOX_PORT"),
    ):
        Mailbox(Path(), "127.0.0.1", taken.getsockname()[1], clock=lambda: NOON).start()


def test_it_stops_while_a_client_is_connected_and_starts_again(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, "127.0.0.1", 0, clock=lambda: NOON)
    port = mailbox.start()
    with socket.create_connection(("127.0.0.1", port)):
        mailbox.stop()
    mailbox.stop()

    _send_one(mailbox.start())

    mailbox.stop()
    assert len(keys(tmp_path)) == 1


@contextmanager
def _mailbox(folder: Path, delay_s: float = 0.0) -> Iterator[int]:
    mailbox = Mailbox(folder, "127.0.0.1", 0, delay_s, clock=lambda: NOON)
    port = mailbox.start()
    try:
        yield port
    finally:
        mailbox.stop()


def _send_ten(port: int) -> None:
    for _ in range(10):
        _send_one(port)


def _send_one(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("news@harbour.example", "ann@readers.example", RAW)
