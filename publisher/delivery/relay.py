"""Which mail server takes our mail, as the settings say."""

from publisher.mail.smtp import Relay
from publisher.settings import Settings


def relay_of(settings: Settings) -> Relay:
    """The relay, or the development mailbox on loopback where no relay is set."""
    if settings.uses_mailbox:
        return Relay("127.0.0.1", settings.relay_port, timeout_s=settings.smtp_timeout)
    return Relay(
        host=settings.smtp_host,
        port=settings.relay_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        timeout_s=settings.smtp_timeout,
    )
