"""What settings must look like beyond their types: addresses and names that we hand on."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from publisher.errors import ConfigurationError

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,200}}$){_LABEL}(?:\.{_LABEL})+")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_QUOTED = frozenset(" <>\"'$\\")  # they mean something in a header, or where nginx is told of it
_LONGEST_ADDRESS = 500  # as long as the column of a hub


def check_base_url(url: str) -> None:
    """Raises ConfigurationError unless it is http(s)://host without a slash at the end."""
    if not _is_plain_address(url) or url.endswith("/"):
        raise ConfigurationError(
            "PUBLISHER_BASE_URL",
            f"“{url}” must be http(s)://host, with no slash at the end",
        )


def check_bounce_domain(domain: str) -> None:
    """Raises ConfigurationError unless it is a domain, or empty."""
    if domain and not _DOMAIN.fullmatch(domain):
        raise ConfigurationError(
            "PUBLISHER_BOUNCE_DOMAIN",
            f"“{domain}” must be a domain in small ASCII letters, such as bounces.example.org",
        )


def check_hubs(hubs: Iterable[str]) -> None:
    """Raises ConfigurationError unless each can stand in a header and in every feed."""
    for hub in hubs:
        if not _is_plain_address(hub):
            raise ConfigurationError(
                "PUBLISHER_WEBSUB_HUBS",
                f"“{hub}” must be http(s)://host/…; put commas between several hubs",
            )


def check_trust_indicators(indicators: Iterable[tuple[str, str]]) -> None:
    """Raises ConfigurationError unless each is a code of the IPTC's, and the address of a page."""
    for code, address in indicators:
        if not _CODE.fullmatch(code) or not _is_plain_address(address):
            raise ConfigurationError(
                "PUBLISHER_TRUST_INDICATORS",
                f"“{code}={address}” must be like ethicsPolicy=https://host/…; put commas between "
                "several, and write a comma in an address as %2C",
            )


def _is_plain_address(url: str) -> bool:
    """Whether it is an http(s) address and nothing else, in no need of escaping anywhere."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not set(url) & _QUOTED
    is_short = len(url) <= _LONGEST_ADDRESS
    return is_plain and is_short and parts.scheme in {"http", "https"} and bool(parts.hostname)
