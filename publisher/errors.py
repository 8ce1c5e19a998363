"""Every error that Publisher raises on purpose, in one tree.

PublisherError
├─ RefusedError            our own rules say no: HTTP 409/422, exit 1, never retried
│  ├─ InvalidInputError    what came from outside cannot be used as it is
│  └─ TokenInvalidError    a signed link is forged, cut short or for something else
│     └─ TokenExpiredError it was ours, once
├─ NotFoundError           HTTP 404, exit 1
├─ UnavailableError        somebody else's system: HTTP 503, may be tried again
├─ TemplateBrokenError     a template does not render: the edition is held, never half sent
└─ ConfigurationError      refuse to start: exit 78 (EX_CONFIG of sysexits.h)

Messages are for people: they say what is wrong and what to do next.
"""

from datetime import datetime


class PublisherError(Exception):
    """The root; its text may be shown to whoever asked."""


class RefusedError(PublisherError):
    """Our own rules say no; trying again changes nothing."""


class InvalidInputError(RefusedError):
    """A value from outside cannot be used; the message names it and says what would do."""


class TokenInvalidError(RefusedError):
    """A signed link was altered, cut short, or made for another purpose."""


class TokenExpiredError(TokenInvalidError):
    """The link was ours but its time is over."""

    def __init__(self, message: str, signed_at: datetime | None = None) -> None:
        super().__init__(message)
        self.signed_at = signed_at


class NotFoundError(PublisherError):
    """There is no such thing; `kind` is a glossary word, `ref` what was asked for."""

    def __init__(self, kind: str, ref: object) -> None:
        super().__init__(f"There is no {kind} “{ref}”.")
        self.kind = kind
        self.ref = ref


class UnavailableError(PublisherError):
    """A system beside ours does not answer; `retry_after_s` is in seconds."""

    def __init__(self, message: str, retry_after_s: float = 30.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TemplateBrokenError(PublisherError):
    """A template cannot be rendered; `line` is None where it is not known."""

    def __init__(self, template: str, reason: str, line: int | None = None) -> None:
        where = f"{template}:{line}" if line else template
        super().__init__(f"The template {where} cannot be rendered: {reason}")
        self.template = template
        self.line = line


class ConfigurationError(PublisherError):
    """A setting is missing or wrong; `setting` is its environment name."""

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"{setting}: {message}")
        self.setting = setting
