"""The mail server of the tests keeps what it took and answers as it is told."""

import smtplib

import pytest

from tests.services.smtp import SmtpServer

MESSAGE = b"Subject: Harbour wall\r\n\r\nRepaired.\r\n"


def test_it_keeps_envelope_and_bytes(smtp_server: SmtpServer) -> None:
    _send(smtp_server, "ada@example.org")
    [kept] = smtp_server.messages
    assert (kept.sender, kept.recipients) == ("news@example.org", ("ada@example.org",))
    assert kept.raw == MESSAGE
    assert kept.parsed()["Subject"] == "Harbour wall"


def test_it_counts_who_connected(smtp_server: SmtpServer) -> None:
    _send(smtp_server, "ada@example.org")
    _send(smtp_server, "bo@example.org")
    assert smtp_server.connections == 2


def test_it_refuses_whom_it_is_told_to_refuse(smtp_server: SmtpServer) -> None:
    smtp_server.refuse["ada@example.org"] = "550 5.1.1 no such reader"
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        _send(smtp_server, "ada@example.org")
    assert smtp_server.messages == []


def test_it_can_cut_the_line_after_keeping_a_message(smtp_server: SmtpServer) -> None:
    smtp_server.after_data = _cut
    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(smtp_server, "ada@example.org")
    assert smtp_server.recipients() == ["ada@example.org"]


def test_it_stops_while_a_client_is_connected() -> None:
    server = SmtpServer()
    server.start()
    client = smtplib.SMTP(server.host, server.port, timeout=5)
    server.stop()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()


def _send(server: SmtpServer, recipient: str) -> None:
    with smtplib.SMTP(server.host, server.port, timeout=5) as client:
        client.sendmail("news@example.org", [recipient], MESSAGE)


def _cut(_envelope: object) -> str:
    raise ConnectionResetError
