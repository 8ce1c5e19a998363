"""E-mail addresses as the wire wants them."""

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from publisher.errors import RefusedError

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")
_MAX_LOCAL = 64
_MAX_ADDRESS = 254


def envelope_address(address: str, *, utf8: bool = False) -> str:
    """An address for the envelope and the `To` header: ASCII, an IDN domain as A-labels.

    With `utf8` the part before the @ may hold other letters (RFC 6531), for a server that takes
    them. Raises RefusedError where it cannot be written so: quoted or too long, or text that is
    no address at all.
    """
    if _is_usual(address):
        return address
    plain = _PLAIN.fullmatch(address)
    if plain is None:
        written = _with_a_labels(address, utf8=utf8)
        if utf8 and not written.isascii():
            return written
        plain = _PLAIN.fullmatch(written)
    if plain is None or "=?" in plain[0]:
        raise _refused(address, "it is not written like name@domain.")
    if len(plain[1]) > _MAX_LOCAL or len(plain[0]) > _MAX_ADDRESS:
        raise _refused(address, "it is too long.")
    return plain[0]


@lru_cache(maxsize=64)  # a message asks for its sender's each time, and twice for its reader's
def _is_usual(address: str) -> bool:
    """Whether it may stand as it is."""
    plain = _PLAIN.fullmatch(address)
    if plain is None or "=?" in address:
        return False
    return len(plain[1]) <= _MAX_LOCAL and len(address) <= _MAX_ADDRESS


def _with_a_labels(address: str, *, utf8: bool) -> str:
    try:
        found = validate_email(
            address,
            check_deliverability=False,
            allow_smtputf8=utf8,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise _refused(address, str(error)) from error
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"


def _refused(address: str, reason: str) -> RefusedError:
    shown = ascii(address[:80])[1:-1]
    return RefusedError(f"The address “{shown}” cannot be mailed: {reason} Correct it.")
