"""Which addresses may be connected to: public ones, and private ones that a setting names. Pure.

`ipaddress` calls NAT64, 6to4 and multicast global, so the lists are our own (IANA's registries of
special addresses).
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

from publisher.errors import RefusedError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

USUAL_PORTS = frozenset({80, 443, 8080, 8443})
_CLOSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind the NAT of a carrier
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_OPEN_6 = IPv6Network("2000::/3")  # all that is routed; NAT64, mapped and local ones are not in it
_CLOSED_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
    )
)


def check_address(text: str, port: int, private: Sequence[Network] = ()) -> str:
    """The address to connect to, as it is written plainly; RefusedError where we must not.

    `private` are networks that are open though they are not public, at every port.
    """
    address = _plain(text)
    if any(address in network for network in private):
        return str(address)
    if not is_public(address):
        raise RefusedError(
            f"{address} is not a public address. If it is a server of yours, name its network in "
            "PUBLISHER_PRIVATE_NETWORKS."
        )
    _check_port(port)
    return str(address)


def check_host(host: str, port: int, private: Sequence[Network] = ()) -> None:
    """As `check_address` for a host that is an address.

    What a name stands for is checked when it is resolved; it is refused here where its port can
    never be open, wherever it leads.
    """
    try:
        ip_address(host)
    except ValueError:
        if not private:
            _check_port(port)
    else:
        check_address(host, port, private)


def usual_ports() -> str:
    """The ports that are open at public addresses, for people."""
    return ", ".join(map(str, sorted(USUAL_PORTS)))


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet, and holds no other one inside."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    is_open = address in _OPEN_6 and address.scope_id is None
    return is_open and not any(address in network for network in _CLOSED_6)


def _check_port(port: int) -> None:
    if port not in USUAL_PORTS:
        raise RefusedError(f"Port {port} is not open to us; it must be one of {usual_ports()}.")


def _plain(text: str) -> Address:
    """An IPv4 address that is written as IPv6 (`::ffff:127.0.0.1`) is that IPv4 address."""
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped
