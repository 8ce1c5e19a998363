"""The way to the mail server: greeted, secured, signed in."""

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, cast

from publisher.errors import UnavailableError
from publisher.mail.connection import Connection, Reply, decoded, printable

__all__ = ["Connection", "Relay", "Reply", "connect"]


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server that takes our mail; an empty `helo` means this host's own name."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    helo: str = ""
    timeout_s: float = 60.0


def connect(relay: Relay) -> Connection:
    """Open a connection ready for messages.

    Certificates are checked against the system's authorities, or those of SSL_CERT_FILE.
    Raises UnavailableError that names host and port and says what to check.
    """
    named = f"The mail server {relay.host}:{relay.port}"
    try:
        smtp = _signed_in(relay)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise UnavailableError(f"{named} {_reason(relay, error)}") from error
    sock = cast("socket.socket", smtp.sock)
    replies = smtp.file or sock.makefile("rb")
    return Connection(sock, cast("BinaryIO", replies), name=named, size=smtp.has_extn("size"))


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
            "does not speak TLS here ({error.reason}). Check that PUBLISHER_SMTP_SECURITY fits the "
            "port: tls for 465, starttls for 587 and 25."
        ),
    ),
    (
        ConnectionRefusedError,
        "is not listening. Start it, or check PUBLISHER_SMTP_HOST and PUBLISHER_SMTP_PORT.",
    ),
    (
        socket.gaierror,
        "has a host name that cannot be found. Check PUBLISHER_SMTP_HOST.",
    ),
    (
        UnicodeError,
        "has a host name that cannot be written. Check PUBLISHER_SMTP_HOST.",
    ),
    (
        TimeoutError,
        (
            "gave no answer within {relay.timeout_s:g} s. Check host, port and firewall, and "
            "PUBLISHER_SMTP_SECURITY (a server for TLS is silent without it)."
        ),
    ),
    (
        smtplib.SMTPAuthenticationError,
        (
            "refuses the user name or password ({said}). Check PUBLISHER_SMTP_USERNAME and "
            "PUBLISHER_SMTP_PASSWORD."
        ),
    ),
    (
        smtplib.SMTPNotSupportedError,
        (
            "does not offer what the settings want ({said}). Check PUBLISHER_SMTP_SECURITY, and "
            "leave PUBLISHER_SMTP_USERNAME empty where no sign-in is needed."
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
