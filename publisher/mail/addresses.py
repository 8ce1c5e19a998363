"""E-mail addresses as the wire wants them."""

import re

from email_validator import EmailNotValidError, validate_email

from publisher.errors import RefusedError

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")
_MAX_LOCAL = 64
_MAX_ADDRESS = 254


def envelope_address(address: str) -> str:
    """An address for the envelope and the `To` header: ASCII, an IDN domain as A-labels.

    Raises RefusedError where it cannot be written so: a local part that is not ASCII
    (RFC 6531 is not spoken), quoted or too long, or text that is no address at all.
    """
    plain = _PLAIN.fullmatch(address) or _PLAIN.fullmatch(_with_a_labels(address))
    if plain is None or "=?" in plain[0]:
        raise _refused(address, "it is not written like name@domain.")
    if len(plain[1]) > _MAX_LOCAL or len(plain[0]) > _MAX_ADDRESS:
        raise _refused(address, "it is too long.")
    return plain[0]


def _with_a_labels(address: str) -> str:
    try:
        found = validate_email(
            address,
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise _refused(address, str(error)) from error
    return found.ascii_email or ""


def _refused(address: str, reason: str) -> RefusedError:
    shown = ascii(address[:80])[1:-1]
    return RefusedError(f"The address “{shown}” cannot be mailed: {reason} Correct it.")
