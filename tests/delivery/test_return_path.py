"""Return paths name a mail to whoever holds the key, and nothing to anybody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.return_path import Kind, Mail, make, read
from publisher.errors import ConfigurationError, TokenInvalidError
from publisher.settings import load_settings

SECRET = "a key for tests, the same in all of them"
NUMBERS = st.integers(min_value=0, max_value=2**40 - 1)
MAILS = st.builds(Mail, st.sampled_from(Kind), NUMBERS, NUMBERS)
DOMAIN = "b.harbour.example"
ONE = Mail(Kind.EDITION, 17, 4)


@given(MAILS)
def test_a_bounce_tells_which_mail_it_is_about(mail: Mail) -> None:
    address = make(SECRET, mail, DOMAIN)
    local, _, domain = address.partition("@")
    assert (read(SECRET, address), domain) == (mail, DOMAIN)
    assert len(local) <= 64
    assert local.startswith("b+")
    assert local[2:].isalnum()


def test_what_mail_servers_do_to_an_address_does_no_harm() -> None:
    address = make(SECRET, ONE, DOMAIN)
    for changed in (address.upper(), f"<{address}>", f" {address}\n", address.partition("@")[0]):
        assert read(SECRET, changed) == ONE


@given(MAILS, st.integers(min_value=0), st.sampled_from("0123456789abcdef"))
def test_an_altered_address_is_not_believed(mail: Mail, at: int, letter: str) -> None:
    address = make(SECRET, mail, DOMAIN)
    place = 2 + at % 40
    forged = address[:place] + letter + address[place + 1 :]
    if forged != address:
        with pytest.raises(TokenInvalidError):
            read(SECRET, forged)


@pytest.mark.parametrize(
    "address",
    ["", "b+", "b+@x", "news@harbour.example", "b+zz" * 10, "b+é@x", f"b+{'0' * 40}@x"],
)
def test_an_address_that_we_never_made_is_not_believed(address: str) -> None:
    with pytest.raises(TokenInvalidError):
        read(SECRET, address)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    with pytest.raises(TokenInvalidError):
        read(SECRET, text)


def test_another_house_cannot_make_them() -> None:
    with pytest.raises(TokenInvalidError):
        read(SECRET, make("another key", ONE, DOMAIN))


def test_a_letter_is_not_an_edition_of_the_same_number() -> None:
    letter = make(SECRET, Mail(Kind.LETTER, 17, 4), DOMAIN)
    assert letter[4:] != make(SECRET, ONE, DOMAIN)[4:]
    assert read(SECRET, letter).kind is Kind.LETTER


@pytest.mark.parametrize("domain", ["Bounces.example", "b", "b..example", "b@x.example", "-b.x"])
def test_what_is_no_domain_is_a_wrong_setting(domain: str) -> None:
    with pytest.raises(ConfigurationError, match=r"bounces\.example\.org"):
        load_settings(bounce_domain=domain)
