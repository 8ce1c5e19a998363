"""Mail servers for tests: one that follows a script, and one with TLS and sign-in."""

import asyncio
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import run

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.services.left_out import leave_out

DROP = b""  # in a script: close the connection instead of an answer
USUAL = {
    "": b"220 scripted\r\n",
    "EHLO": b"250-scripted\r\n250 SIZE 1000000\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go on\r\n",
    ".": b"250 kept\r\n",
    "RSET": b"250 ok\r\n",
    "QUIT": b"221 bye\r\n",
}


class ScriptedServer:
    """Answers each command with the bytes of its script; `heard` lists the commands."""

    def __init__(self, **answers: bytes) -> None:
        self.heard: list[str] = []
        self.bodies: list[bytes] = []
        self._answers = {**USUAL, **{name.replace("END", "."): a for name, a in answers.items()}}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def answer(self, **answers: bytes) -> None:
        """Change what is said to some commands from now on."""
        self._answers |= answers

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.settimeout(5)
                with client, client.makefile("rb") as lines, suppress(OSError):
                    self._talk(client, lines)

    def _talk(self, client: socket.socket, lines: Iterator[bytes]) -> None:
        verb = ""
        while answer := self._answers.get(verb, b"502 what?\r\n"):
            client.sendall(answer)
            if verb == "DATA" and answer.startswith(b"354"):
                self.bodies.append(b"".join(iter(lines.__next__, b".\r\n")))
                verb = "."
                continue
            line = next(lines, b"")
            if not line:
                return
            verb = line[:4].strip().decode("ascii", "replace").upper()
            self.heard.append(line.decode("ascii", "replace").strip())


@contextmanager
def scripted(**answers: bytes) -> Iterator[ScriptedServer]:
    """A server with answers of its own to some commands; END is the end of the message."""
    server = ScriptedServer(**answers)
    try:
        yield server
    finally:
        server.stop()


class _Keeping:
    """Keeps what came, so that a test sees that it came."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.bodies.append(envelope.original_content or b"")
        return "250 kept"


class _OnFreePort(Controller):
    def __init__(self, *args: object, **kwargs: object) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(*args, port=self._listener.getsockname()[1], **kwargs)

    def stop(self, no_assert: bool = False) -> None:  # noqa: FBT001, FBT002 - as aiosmtpd has it
        """Let those who said goodbye go first."""
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), self.loop).result()
        super().stop(no_assert)

    def _create_server(self) -> object:
        return self.loop.create_server(
            self._factory_invoker, sock=self._listener, ssl=self.ssl_context
        )


@contextmanager
def secured(certificate: Path, *, security: str, password: str = "") -> Iterator[tuple[int, list]]:
    """An aiosmtpd server with TLS at once or after STARTTLS; its port and what it kept."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    keeping = _Keeping()
    how = {"ssl_context": context} if security == "tls" else {"tls_context": context}
    controller = _OnFreePort(
        keeping,
        hostname="127.0.0.1",
        server_hostname="mail.test",
        auth_required=bool(password),
        auth_require_tls=security == "starttls",
        authenticator=_authenticator(password),
        **how,
    )
    controller.start()
    try:
        yield controller.port, keeping.bodies
    finally:
        controller.stop()


def make_certificate(folder: Path, host: str) -> Path:
    """A self-signed certificate and its key for a host, in one PEM file."""
    if not shutil.which("openssl"):
        leave_out("openssl", "install it; a certificate for the tests is made with it")
    pem, key = folder / f"{host}.pem", folder / f"{host}.key"
    name = (
        f"subjectAltName=DNS:{host},IP:127.0.0.1"
        if host == "localhost"
        else f"subjectAltName=DNS:{host}"
    )
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", f"/CN={host}", "-addext", name]
    run([*command, "-keyout", key, "-out", pem], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + key.read_bytes())
    return pem


def _authenticator(password: str) -> object:
    def check(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: object
    ) -> AuthResult:
        right = isinstance(login, LoginPassword) and login.password == password.encode()
        return AuthResult(success=right, handled=False)

    return check
