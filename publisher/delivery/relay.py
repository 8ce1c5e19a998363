"""Which mail server takes our mail."""

from publisher.mail.smtp import Relay
from publisher.settings import Settings


def relay_of(settings: Settings) -> Relay:
    """The relay of the settings; the development mailbox on this host where none is set."""
    return Relay(
        host="127.0.0.1" if settings.uses_mailbox else settings.smtp_host,
        port=settings.relay_port,
        security="none" if settings.uses_mailbox else settings.smtp_security,
        username="" if settings.uses_mailbox else settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        timeout_s=settings.smtp_timeout,
    )
