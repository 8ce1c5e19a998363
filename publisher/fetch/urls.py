"""Addresses on the web, read strictly: what might be read in two ways is refused. Pure."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from publisher.errors import InvalidInputError

MOST_CHARACTERS = 4000
_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HARMFUL = frozenset(' "<>\\^`{|}')


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes; `host` is a name or an address, `path` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What may share a connection."""
        return self.scheme, self.host, self.port


def target_of(url: str) -> Target:
    """The parts of an http(s) address; raises InvalidInputError that says what is wrong.

    No user or password, no fragment, nothing but visible ASCII. A host that ends in a number must
    be an address in its usual form: `2130706433`, `0x7f.1` and `0177.0.0.1` are all 127.0.0.1.
    """
    if len(url) > MOST_CHARACTERS:
        raise InvalidInputError(f"An address may have {MOST_CHARACTERS} characters at most.")
    if not url.isascii() or not url.isprintable() or _HARMFUL & set(url):
        raise InvalidInputError(f"{url!r} has characters that no address may have.")
    parts = _split(url)
    if parts.scheme not in _PORTS:
        raise InvalidInputError(f"“{url}” must begin with http:// or https://")
    if {"@", "%"} & set(parts.netloc) or "#" in url:
        raise InvalidInputError(f"“{url}” must have no user, password, zone or fragment.")
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, _host(url, parts), _port(url, parts), f"{path}{query}")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise InvalidInputError(f"“{url}” is not an address: {error}") from None


def _host(url: str, parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if parts.netloc.startswith("[") or _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return str(ip_address(host))
        except ValueError:
            raise InvalidInputError(f"“{url}” has no usual IP address.") from None
    if not host or not all(map(_LABEL.fullmatch, host.split("."))):
        raise InvalidInputError(f"“{url}” has no usual host name.")
    return host


def _port(url: str, parts: SplitResult) -> int:
    try:
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if not port:
        raise InvalidInputError(f"“{url}” has no usual port.")
    return port
