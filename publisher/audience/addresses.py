"""E-mail addresses: one way to write each, and the key that stands in for it elsewhere."""

import hashlib
import hmac
import unicodedata

from email_validator import EmailNotValidError, validate_email

from publisher.errors import InvalidInputError


def normalise(address: str) -> str:
    """The address as we keep and mail it: blanks around it gone, the domain in lower-case ASCII.

    The part before the @ keeps its case, because its server may care. Nothing is looked up in
    the network. Raises InvalidInputError where it cannot be mailed.
    """
    text = unicodedata.normalize("NFC", address).strip()
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise InvalidInputError(
            f"“{_shown(text)}” cannot be mailed: {error} Write it like name@example.org."
        ) from None
    return found.ascii_email or found.normalized


def address_key(secret: str, address: str) -> str:
    """The key under which an address is found and suppressed: HMAC-SHA256, hexadecimal.

    Upper and lower case make no difference, or nobody could be kept from writing in capitals.
    Raises InvalidInputError as `normalise` does.
    """
    text = normalise(address).casefold()
    return hmac.new(_key_for_addresses(secret), text.encode(), hashlib.sha256).hexdigest()


def _key_for_addresses(secret: str) -> bytes:
    """Its own key, so that no link we sign can be mistaken for it."""
    return hmac.new(secret.encode(), b"publisher.audience.address", hashlib.sha256).digest()


def _shown(text: str) -> str:
    return "".join(letter for letter in text[:80] if letter.isprintable())
