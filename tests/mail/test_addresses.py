"""Addresses as they go into the envelope."""

import pytest

from publisher.errors import RefusedError
from publisher.mail.addresses import envelope_address


@pytest.mark.parametrize(
    "address", ["ann@readers.example", "a.b+c_d'e@x-y.example", "Ann@Readers.Example", "root@mail"]
)
def test_a_plain_address_stays_as_it_is(address: str) -> None:
    assert envelope_address(address) == address


def test_an_international_domain_becomes_a_labels() -> None:
    assert envelope_address("ann@例え.テスト") == "ann@xn--r8jz45g.xn--zckzah"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "@readers.example",
        "jörg@readers.example",
        "ann@readers.example>\r\nRCPT TO:<evil@x.example",
        "ann@readers.example\n",
        "ann @readers.example",
        "<ann@readers.example>",
        "ann@readers..example",
        ".ann@readers.example",
        '"ann b"@readers.example',
        "ann@[127.0.0.1]",
        "alice@readers.example)<bob@x.example>",
        "=?utf-8?q?x?=@readers.example",
        "a" * 65 + "@readers.example",
        "ann@" + "a." * 140 + "example",
        "ann@bücher.example,bob@x.example",
    ],
)
def test_what_cannot_be_mailed_is_refused_in_words(address: str) -> None:
    with pytest.raises(RefusedError, match=r"^The address .* cannot be mailed: .*\. Correct it\.$"):
        envelope_address(address)
