"""Tests talk to this machine only."""

import socket

import pytest

from tests.services.smtp import SmtpServer


@pytest.mark.parametrize("host", ["example.org", "192.0.2.1", "2001:db8::1"])
def test_a_connection_beyond_loopback_fails_the_test(host: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="loopback only"):
        socket.create_connection((host, 80), timeout=1)


def test_a_connection_on_loopback_works(smtp_server: SmtpServer) -> None:
    with socket.create_connection((smtp_server.host, smtp_server.port), timeout=5) as line:
        assert line.recv(3) == b"220"
