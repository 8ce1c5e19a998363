"""Names in DKIM: the domain that signs, its selectors, and whose mail it may vouch for."""

import re

from publisher.errors import InvalidInputError, RefusedError
from publisher.mail.addresses import envelope_address

_SELECTOR = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_LONGEST = 100
_MOST_SELECTORS = 2


def domain_name(text: str) -> str:
    """The domain in small ASCII letters, an IDN as A-labels; raises InvalidInputError."""
    try:
        domain = envelope_address(f"x@{text.strip()}").rpartition("@")[2].lower()
    except RefusedError:
        domain = ""
    if "." not in domain:
        raise InvalidInputError(
            f"“{_shown(text)}” is not a domain that can sign; write one like example.org."
        )
    return domain


def selector_name(text: str) -> str:
    """The selector in small letters; raises InvalidInputError."""
    name = text.strip().lower()
    if not _SELECTOR.fullmatch(name) or len(name) > _LONGEST:
        raise InvalidInputError(
            f"“{_shown(text)}” is not a selector; write a-z, 0-9 and hyphens, like news2026."
        )
    return name


def selector_names(text: str) -> tuple[str, ...]:
    """One selector, or two with a comma between them; raises InvalidInputError."""
    names = tuple(dict.fromkeys(map(selector_name, text.split(","))))
    if len(names) > _MOST_SELECTORS or len(",".join(names)) > _LONGEST:
        raise InvalidInputError("A mail is signed with one key, or with two; name no more.")
    return names


def vouches(domain: str, sender: str) -> bool:
    """Whether a signature of `domain` counts for mail from the address `sender`.

    That is when the sender's domain is this one or lies below it: relaxed alignment, as DMARC
    asks for by default (RFC 7489 §3.1.1).
    """
    return f".{sender.rpartition('@')[2].lower()}".endswith(f".{domain}")


def aligned(one: str, other: str) -> bool:
    """Whether two domains are of one house, as far as their names tell (relaxed, RFC 7489 §3.1).

    Which names a registry sells is not looked up: two labels in common count.
    """
    return one.lower().split(".")[-2:] == other.lower().split(".")[-2:]


def _shown(text: str) -> str:
    return "".join(letter for letter in text[:80] if letter.isprintable())
