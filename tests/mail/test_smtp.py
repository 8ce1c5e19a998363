"""Getting through to the mail server, and saying in words why not."""

import socket
from pathlib import Path

import pytest

from publisher.errors import UnavailableError
from publisher.mail.smtp import Relay, connect
from tests.mail.servers import DROP, make_certificate, scripted, secured

MESSAGE = b"Subject: Ferry stays\r\n\r\nGood morning.\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_encrypted_to_a_server_whose_authority_is_trusted(
    certificate: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secured(certificate, security=security) as (port, kept):
        connection = connect(Relay("localhost", port, security=security, timeout_s=5))
        reply = connection.send("news@harbour.example", "ann@readers.example", MESSAGE)
        connection.close()

    assert reply.outcome == "accepted"
    assert kept == [MESSAGE]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_self_signed_certificate_is_not_trusted(certificate: Path, security: str) -> None:
    with (
        secured(certificate, security=security) as (port, _),
        pytest.raises(UnavailableError, match=r"not trusted \(.*self.signed.*SSL_CERT_FILE"),
    ):
        connect(Relay("localhost", port, security=security, timeout_s=5))


def test_a_certificate_for_another_host_is_not_trusted(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_certificate(tmp_path, "other.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with (
        secured(other, security="starttls") as (port, _),
        pytest.raises(UnavailableError, match=r"localhost.*use the host name it was made for"),
    ):
        connect(Relay("localhost", port, security="starttls", timeout_s=5))


def test_the_right_password_signs_in(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secured(certificate, security="starttls", password="oyster") as (port, kept):
        connection = connect(_signing_in(port, "oyster"))
        connection.send("news@harbour.example", "ann@readers.example", MESSAGE)
        connection.close()

    assert kept == [MESSAGE]


def test_a_wrong_password_is_said_and_not_shown(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        secured(certificate, security="starttls", password="oyster") as (port, _),
        pytest.raises(UnavailableError, match="refuses the user name or password") as caught,
    ):
        connect(_signing_in(port, "winkle"))

    assert "winkle" not in str(caught.value)
    assert "winkle" not in repr(_signing_in(port, "winkle"))


def test_a_port_where_nobody_listens_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(UnavailableError, match=f"127.0.0.1:{port} is not listening.*SMTP_HOST"):
        connect(Relay("127.0.0.1", port))


def test_a_server_that_says_nothing_is_a_time_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(UnavailableError, match=r"no answer within 0\.2 s"),
    ):
        connect(Relay("127.0.0.1", listener.getsockname()[1], timeout_s=0.2))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"": b"554 5.7.1 go away\r\n"}, r"turned us away \(554 5.7.1 go away\)"),
        ({"": DROP}, "broke off"),
        ({"": b"SSH-2.0-OpenSSH\r\n"}, "turned us away"),
        ({"": b"220 " + b"x" * 10_000 + b"\r\n"}, "turned us away"),
        ({"EHLO": DROP}, "broke off"),
        ({"EHLO": b"550 no\r\n", "HELO": b"550 no\r\n"}, r"turned us away \(550 no\)"),
    ],
)
def test_a_server_that_turns_us_away_is_quoted(answers: dict[str, bytes], said: str) -> None:
    with scripted(**answers) as server, pytest.raises(UnavailableError, match=said):
        connect(Relay("127.0.0.1", server.port, timeout_s=5))


@pytest.mark.parametrize(
    "relay", [{"security": "starttls"}, {"username": "desk", "password": "oyster"}]
)
def test_what_the_server_does_not_offer_is_said(relay: dict[str, str]) -> None:
    with (
        scripted() as server,
        pytest.raises(UnavailableError, match="does not offer what the settings want"),
    ):
        connect(Relay("127.0.0.1", server.port, timeout_s=5, **relay))


def test_tls_to_a_plain_port_is_said() -> None:
    with scripted() as server, pytest.raises(UnavailableError, match="does not speak TLS here"):
        connect(Relay("127.0.0.1", server.port, security="tls", timeout_s=5))


def _signing_in(port: int, password: str) -> Relay:
    return Relay(
        "localhost",
        port,
        security="starttls",
        username="desk",
        password=password,
        timeout_s=5,
    )
