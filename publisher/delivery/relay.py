"""Which mail servers take our mail, as the settings say."""

from publisher.mail.smtp import Relay
from publisher.settings import Settings

RFC_PATIENCE_S = 600.0  # RFC 5321 §4.5.3.2.6: for the answer to a message


def relay_of(settings: Settings) -> Relay:
    """The first relay, or the development mailbox on loopback where no relay is set."""
    answers_s = settings.smtp_answer_timeout or RFC_PATIENCE_S
    if settings.uses_mailbox:
        return Relay(
            "127.0.0.1",
            settings.relay_port,
            timeout_s=settings.smtp_timeout,
            answers_s=answers_s,
        )
    return Relay(
        host=settings.smtp_host,
        port=settings.relay_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        timeout_s=settings.smtp_timeout,
        answers_s=answers_s,
    )


def relays_of(settings: Settings) -> tuple[Relay, ...]:
    """The relays in the order in which they are tried: the first, and the second if there is one.

    While mail stays in the development mailbox there is no second.
    """
    first = relay_of(settings)
    if settings.uses_mailbox or not settings.smtp_fallback_host:
        return (first,)
    second = Relay(
        host=settings.smtp_fallback_host,
        port=settings.fallback_port,
        security=settings.smtp_fallback_security,
        username=settings.smtp_fallback_username,
        password=settings.smtp_fallback_password.get_secret_value(),
        timeout_s=settings.smtp_timeout,
        answers_s=first.answers_s,
        prefix="PUBLISHER_SMTP_FALLBACK",
    )
    return (first, second)
