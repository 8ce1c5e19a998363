"""The way to the mail server: greeted, secured, signed in."""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, cast

from publisher.errors import UnavailableError
from publisher.mail.connection import Connection, Reply
from publisher.mail.envelope import Features
from publisher.mail.replies import decoded, printable

__all__ = ["Connection", "Relay", "Reply", "connect"]


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server that takes our mail; an empty `helo` means this host's own name.

    `timeout_s` is for getting through. While messages go over, answers are waited for as long as
    RFC 5321 §4.5.3.2 wants (2 to 10 minutes), but no longer than `answers_s`, or `timeout_s`
    where that is None. Settings that begin with `prefix` describe it.
    """

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    helo: str = ""
    timeout_s: float = 60.0
    answers_s: float | None = None
    prefix: str = "PUBLISHER_SMTP"

    @property
    def place(self) -> str:
        """Its host and port."""
        return f"{self.host}:{self.port}"

    @property
    def named(self) -> str:
        """It as a sentence about it begins, and as its connections are named."""
        return f"The mail server {self.place}"


def connect(relay: Relay) -> Connection:
    """Open a connection ready for messages.

    Certificates are checked against the system's authorities, or those of SSL_CERT_FILE.
    Raises UnavailableError that names host and port and says what to check.
    """
    try:
        smtp = _signed_in(relay)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise UnavailableError(f"{relay.named} {_reason(relay, error)}") from error
    return Connection(
        cast("socket.socket", smtp.sock),
        name=relay.named,
        features=Features.announced(smtp.esmtp_features),
        answers_s=relay.timeout_s if relay.answers_s is None else relay.answers_s,
        heard=_read_ahead(smtp),
    )


def _read_ahead(smtp: smtplib.SMTP) -> bytes:
    """What the server said unasked and smtplib has read already, without waiting for more."""
    cast("socket.socket", smtp.sock).settimeout(0)
    ahead = b""
    if smtp.file is not None:
        with smtp.file as file, suppress(OSError):
            ahead = file.peek()
    return ahead


def _signed_in(relay: Relay) -> smtplib.SMTP:
    smtp = _greeted(relay)
    try:
        smtp.ehlo_or_helo_if_needed()
        if relay.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        if relay.username:
            smtp.login(relay.username, relay.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _greeted(relay: Relay) -> smtplib.SMTP:
    helo = relay.helo or None
    if relay.security == "tls":
        return smtplib.SMTP_SSL(
            relay.host,
            relay.port,
            local_hostname=helo,
            timeout=relay.timeout_s,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(relay.host, relay.port, local_hostname=helo, timeout=relay.timeout_s)


# The first class that fits says what went wrong and which setting to look at.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        (
            "shows a certificate that is not trusted ({error.verify_message}). Renew it, use the "
            "host name it was made for, or name the file of its authority in SSL_CERT_FILE."
        ),
    ),
    (
        ssl.SSLError,
        (
            "does not speak TLS here ({error.reason}). Check that {relay.prefix}_SECURITY fits the "
            "port: tls for 465, starttls for 587 and 25."
        ),
    ),
    (
        ConnectionRefusedError,
        "is not listening. Start it, or check {relay.prefix}_HOST and {relay.prefix}_PORT.",
    ),
    (
        socket.gaierror,
        "has a host name that cannot be found. Check {relay.prefix}_HOST.",
    ),
    (
        UnicodeError,
        "has a host name that cannot be written. Check {relay.prefix}_HOST.",
    ),
    (
        TimeoutError,
        (
            "gave no answer within {relay.timeout_s:g} s. Check host, port and firewall, and "
            "{relay.prefix}_SECURITY (a server for TLS is silent without it)."
        ),
    ),
    (
        smtplib.SMTPAuthenticationError,
        (
            "refuses the user name or password ({said}). Check {relay.prefix}_USERNAME and "
            "{relay.prefix}_PASSWORD."
        ),
    ),
    (
        smtplib.SMTPNotSupportedError,
        (
            "does not offer what the settings want ({said}). Check {relay.prefix}_SECURITY, and "
            "leave {relay.prefix}_USERNAME empty where no sign-in is needed."
        ),
    ),
    (smtplib.SMTPResponseException, "turned us away ({said}). Ask its operator why."),
    (Exception, "broke off ({said}). Check that a mail server answers at this port."),
)


def _reason(relay: Relay, error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPServerDisconnected) and error.__context__:
        error = error.__context__  # smtplib wraps time-outs and broken TLS
    template = next(text for kind, text in _REASONS if isinstance(error, kind))
    return template.format(error=error, relay=relay, said=_said(error))


def _said(error: BaseException) -> str:
    if not isinstance(error, smtplib.SMTPResponseException):
        return printable(str(error))
    said = error.smtp_error
    return f"{error.smtp_code} {decoded(said) if isinstance(said, bytes) else printable(said)}"
