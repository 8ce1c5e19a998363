"""Asking servers that are slow, rude, or not to be asked."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from publisher.errors import InvalidInputError, RefusedError, UnavailableError
from publisher.fetch import Answer, Client, Limits, connection
from tests.services.listener import Listener, Reply, Seen, listening

LOOPBACK = (ip_network("127.0.0.0/8"),)
SOON = Limits(seconds=0.4, answer_bytes=1000)


@pytest.fixture
def server() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def test_what_is_sent_arrives(server: Listener) -> None:
    server.reply = lambda _: Reply(202, b"taken", {"X-Hub": "yes"})
    with Client(private=LOOPBACK) as client:
        answer = client.request("POST", f"{server.url}/hub?a=1", body=b"x=1", headers={"A": "b"})
    [seen] = server.seen
    assert (seen.method, seen.path, seen.body, seen.headers["a"]) == (
        "POST",
        "/hub?a=1",
        b"x=1",
        "b",
    )
    assert seen.headers["host"] == f"127.0.0.1:{server.port}"
    assert (answer.status, answer.body, answer.headers["x-hub"]) == (202, b"taken", "yes")
    assert answer.is_ok
    assert answer.words() == "answered 202 taken"


def test_a_server_that_is_not_public_is_not_even_connected_to(server: Listener) -> None:
    for url in (server.url, f"http://localhost:{server.port}"):
        with Client() as client, pytest.raises(RefusedError, match="not a public address"):
            client.request("GET", url)
    assert server.connections == 0


def test_a_name_is_asked_for_once_and_what_was_checked_is_what_is_connected_to(
    server: Listener,
) -> None:
    """A name server that gives another address the second time (rebinding) gains nothing."""
    asked = []

    def rebinding(host: str, port: int, seconds: float) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with Client(private=LOOPBACK, resolve=rebinding) as client:
        url = f"http://hub.example:{server.port}/"
        assert client.request("GET", url).is_ok
        assert client.request("GET", url).is_ok  # over the connection that is open
        assert asked == ["hub.example"]
        client.close()
        with pytest.raises(RefusedError, match=r"169\.254\.169\.254"):
            client.request("GET", url)
    assert server.connections == 1
    assert server.seen[0].headers["host"] == f"hub.example:{server.port}"


def test_one_closed_address_among_open_ones_closes_the_name(server: Listener) -> None:
    mixed = ["127.0.0.1", "10.0.0.1"]
    with Client(private=LOOPBACK, resolve=lambda *_: mixed) as client, pytest.raises(RefusedError):
        client.request("GET", f"http://hub.example:{server.port}/")
    assert server.connections == 0


def test_the_next_address_is_tried_where_the_first_takes_no_connection(server: Listener) -> None:
    both = ["127.0.0.2", "127.0.0.1"]  # the server listens at the second only
    with Client(private=LOOPBACK, resolve=lambda *_: both) as client:
        assert client.request("GET", f"http://hub.example:{server.port}/").is_ok


def test_a_redirect_is_an_answer_and_not_followed(server: Listener) -> None:
    server.reply = lambda _: Reply(302, headers={"Location": f"{server.url}/inside"})
    with Client(private=LOOPBACK) as client:
        assert client.request("GET", server.url).status == 302
    assert [seen.path for seen in server.seen] == ["/"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, pieces=(b"late",), pause_s=5),
        Reply(raw=True, pieces=(b"",), pause_s=5),
        Reply(raw=True, pieces=(b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 50), pause_s=0.1),
        Reply(200, pieces=(b".",) * 50, pause_s=0.1),
        Reply(raw=True, pieces=(b"HTTP/1.1 200 OK\r\n\r\n", *[b"."] * 50), pause_s=0.1),
    ],
    ids=["body late", "silent", "head drips", "body drips", "body without a length drips"],
)
def test_the_time_is_of_the_whole_answer(server: Listener, reply: Reply) -> None:
    server.reply = lambda _: reply
    began = time.monotonic()
    with Client(private=LOOPBACK, limits=SOON) as client:
        with pytest.raises(UnavailableError, match=r"within 0\.4 seconds|in time"):
            client.request("GET", server.url)
        assert time.monotonic() - began < 3
        server.reply = lambda _: Reply(204)
        assert client.request("GET", server.url).is_ok  # nothing of it is left


def test_a_server_that_takes_a_connection_and_no_tls_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        with (
            Client(private=LOOPBACK, limits=SOON) as client,
            pytest.raises(UnavailableError, match="in"),
        ):
            client.request("GET", url)


def test_a_name_that_is_not_found_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's lookup waits here as it does for a name server that never answers."""
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30) and [])
    began = time.monotonic()
    with Client(limits=SOON) as client, pytest.raises(UnavailableError, match="not found in time"):
        client.request("GET", "http://hub.example/")
    over.set()
    assert time.monotonic() - began < 3


def test_a_huge_answer_is_cut(server: Listener) -> None:
    server.reply = lambda _: Reply(200, b"x" * 5_000_000)
    with Client(private=LOOPBACK, limits=Limits(answer_bytes=1000)) as client:
        answer = client.request("GET", server.url)
    assert answer.body == b"x" * 1000
    assert len(answer.words()) <= 200


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=["nothing", "noise", "cut short", "bad chunks", "many headers", "long line"],
)
def test_what_is_no_answer_is_said_in_words(server: Listener, text: bytes) -> None:
    server.reply = lambda _: Reply(raw=True, pieces=(text,))
    with Client(private=LOOPBACK) as client, pytest.raises(UnavailableError) as raised:
        client.request("GET", server.url)
    assert 10 < len(str(raised.value)) <= 200


def test_a_port_where_nobody_listens_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    with Client(private=LOOPBACK) as client, pytest.raises(UnavailableError, match="no connection"):
        client.request("GET", f"http://127.0.0.1:{port}/")


def test_words_of_a_server_are_shown_in_visible_characters(server: Listener) -> None:
    server.reply = lambda _: Reply(500, "no\r\n\x1b[31mway \u202e<b>".encode())
    with Client(private=LOOPBACK) as client:
        assert client.request("GET", server.url).words() == "answered 500 no [31mway <b>"


def test_a_connection_is_kept_and_made_again_when_it_was_closed(server: Listener) -> None:
    with Client(private=LOOPBACK) as client:
        for _ in range(3):
            assert client.request("POST", server.url, body=b"x").is_ok
        assert server.connections == 1
        server.reply = _closing
        client.request("POST", server.url, body=b"x")
        server.reply = lambda _: Reply()
        assert client.request("POST", server.url, body=b"x").is_ok
    assert server.connections == 2


def test_an_address_that_is_none_is_refused_before_anything_is_asked() -> None:
    with Client() as client, pytest.raises(InvalidInputError):
        client.request("GET", "http://0x7f.1/")


def test_a_certificate_must_be_of_a_known_authority_and_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`monkeypatch` stands in for the authorities of the machine; nothing else is changed."""
    certificate = _certificate(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    with listening(tls=serving) as server, Client(private=LOOPBACK) as client:
        with pytest.raises(UnavailableError, match="no safe connection"):
            client.request("GET", server.url)
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(connection, "_tls", lambda: trusting)
        assert client.request("GET", server.url).is_ok
        other = f"https://localhost:{server.port}/"
        with pytest.raises(UnavailableError, match="no safe connection"):
            client.request("GET", other)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Tue, 10 Mar 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("soon", None),
        ("-5", None),
        ("Tue, 10 Mar 2026 12:10:00 +9999999999999999", None),
        ("Tue, 10 Mar 99999999999999999999 12:10:00 GMT", None),
    ],
)
def test_how_long_a_server_wants_its_peace_is_read_if_it_can_be(
    said: str, wait: timedelta | None
) -> None:
    now = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    assert Answer(503, {"retry-after": said}, b"").retry_after(now) == wait


def _closing(_: Seen) -> Reply:
    return Reply(raw=True, pieces=(b"HTTP/1.1 204 No Content\r\n\r\n",))


def _certificate(folder: Path) -> Path:
    """One for 127.0.0.1 that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a hub on loopback")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36_500))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "hub.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path
