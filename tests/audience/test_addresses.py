import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.audience.addresses import address_key, normalise
from publisher.errors import InvalidInputError


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Ada@Example.ORG ", "Ada@example.org"),
        ("ada@hafen-münchen.example", "ada@xn--hafen-mnchen-jlb.example"),
        ("a+b@example.org", "a+b@example.org"),
    ],
)
def test_an_address_is_kept_in_one_way(written: str, kept: str) -> None:
    assert normalise(written) == kept


@pytest.mark.parametrize(
    "written",
    ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@localhost", "ä@example.org",
     "ada@example.org\r\nBcc: eve@example.org", '"a b"@example.org', "ada@[192.0.2.1]",
     "x" * 65 + "@example.org", "ada@example.org, eve@example.org", "ada@exa\x00mple.org"],
)  # fmt: skip
def test_what_cannot_be_mailed_is_refused_with_what_would_do(written: str) -> None:
    with pytest.raises(InvalidInputError, match=r"name@example\.org"):
        normalise(written)


@given(st.text(max_size=60))
def test_what_is_kept_is_plain_and_stays_as_it_is(written: str) -> None:
    try:
        kept = normalise(written)
    except InvalidInputError:
        return
    assert kept.isascii()
    assert normalise(kept) == kept


def test_case_makes_no_other_person() -> None:
    assert address_key("k", "ADA@example.org") == address_key("k", "ada@EXAMPLE.org")


def test_the_key_depends_on_the_secret_and_hides_the_address() -> None:
    assert address_key("k", "ada@example.org") != address_key("l", "ada@example.org")
    assert len(address_key("k", "ada@example.org")) == 64
