"""Which addresses may be connected to."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.errors import ConfigurationError, RefusedError
from publisher.fetch.addresses import check_address, check_host, is_public
from publisher.settings import load_settings

CLOSED = [
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.19.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
OPEN = ["1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"]
any_four = st.ip_addresses(v=4)
any_six = st.ip_addresses(v=6)


@pytest.mark.parametrize("address", CLOSED)
def test_what_is_not_public_is_closed(address: str) -> None:
    with pytest.raises(RefusedError, match="PUBLISHER_PRIVATE_NETWORKS"):
        check_address(address, 443)


@pytest.mark.parametrize("address", OPEN)
def test_what_is_public_is_open(address: str) -> None:
    assert check_address(address, 443) == address


@given(any_four)
@example(IPv4Address("224.0.0.1"))
def test_nothing_is_open_that_python_calls_private_or_special(address: IPv4Address) -> None:
    special = (
        address.is_private
        or not address.is_global
        or address.is_multicast
        or address.is_loopback
        or address.is_link_local
        or address.is_reserved
        or address.is_unspecified
    )
    assert not (special and is_public(address))


@given(any_six)
def test_an_open_ipv6_address_is_global_and_holds_no_other(address: IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


@given(any_four)
def test_an_ipv4_address_in_any_disguise_is_never_more_open_than_itself(
    address: IPv4Address,
) -> None:
    number = int(address)
    disguises = [
        IPv6Address(number),  # IPv4-compatible
        IPv6Address((0x0064FF9B << 96) | number),  # NAT64
        IPv6Address((0x2002 << 112) | (number << 80)),  # 6to4
        IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),  # Teredo
    ]
    assert not any(map(is_public, disguises))
    mapped = str(IPv6Address((0xFFFF << 32) | number))
    assert _answer(mapped) == _answer(str(address))


@given(any_four, st.sampled_from([22, 25, 3306, 6379, 9200, 11211, 8000]))
def test_other_ports_are_closed(address: IPv4Address, port: int) -> None:
    with pytest.raises(RefusedError):
        check_address(str(address), port)


def test_a_name_at_a_port_that_is_open_nowhere_is_refused_before_it_is_resolved() -> None:
    check_host("reader.example", 8443)
    with pytest.raises(RefusedError, match="80, 443, 8080, 8443"):
        check_host("reader.example", 22)
    check_host("reader.example", 22, [ip_network("10.1.0.0/16")])  # it may lead there
    for host, port in (("10.1.9.9", 80), ("192.0.43.8", 22)):
        with pytest.raises(RefusedError):
            check_host(host, port)


def test_networks_that_are_named_are_open_at_any_port_and_nothing_beside_them() -> None:
    named = [ip_network("10.1.0.0/16"), ip_network("::1")]
    assert check_address("10.1.9.9", 9000, named) == "10.1.9.9"
    assert check_address("::ffff:10.1.9.9", 9000, named) == "10.1.9.9"
    assert check_address("::1", 80, named) == "::1"
    for address in ("10.2.0.1", "127.0.0.1"):
        with pytest.raises(RefusedError):
            check_address(address, 80, named)


def test_the_networks_are_a_setting() -> None:
    found = load_settings(private_networks="10.1.0.0/16, ::1").open_networks
    assert [str(one) for one in found] == ["10.1.0.0/16", "::1/128"]
    assert load_settings().open_networks == ()
    with pytest.raises(ConfigurationError, match="PUBLISHER_PRIVATE_NETWORKS"):
        load_settings(private_networks="10.1.0.1/16")


def _answer(text: str) -> str:
    try:
        return check_address(text, 443)
    except RefusedError:
        return f"closed {ip_address(text).version > 0}"
