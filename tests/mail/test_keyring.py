from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from publisher.errors import ConfigurationError, InvalidInputError
from publisher.mail.dkim_names import domain_name, selector_name, selector_names, vouches
from publisher.mail.keyring import Keyring
from publisher.settings import Settings, load_settings
from tests.mail.signing import rsa_key, write_key

SENDER = "news@harbour.example"


def test_without_a_key_the_relay_is_left_to_sign(tmp_path: Path) -> None:
    assert Keyring(Settings(home=tmp_path)).signers(SENDER) == ()


@pytest.mark.parametrize("sender", [SENDER, "tides@letters.harbour.example", "x@HARBOUR.example"])
def test_the_house_signs_for_its_domain_and_those_below(tmp_path: Path, sender: str) -> None:
    [signer] = _keyring(tmp_path).signers(sender)
    assert (signer.domain, signer.selector) == ("harbour.example", "tide")


@pytest.mark.parametrize("sender", ["news@port.example", "news@notharbour.example", "news@example"])
def test_mail_of_another_domain_is_not_signed(tmp_path: Path, sender: str) -> None:
    assert _keyring(tmp_path).signers(sender) == ()


def test_the_key_of_a_newsletter_goes_before_that_of_the_house(tmp_path: Path) -> None:
    keyring = _keyring(tmp_path)
    write_key(keyring.path("letters.harbour.example", "own"), rsa_key())
    [signer] = keyring.signers("news@letters.harbour.example", "letters.harbour.example", "own")
    assert signer.address == "own._domainkey.letters.harbour.example"


def test_two_keys_sign_side_by_side_rsa_first(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, dkim_domain="harbour.example", dkim_selector="ebb, tide")
    keyring = Keyring(settings)
    (tmp_path / "dkim").mkdir()
    write_key(keyring.path("harbour.example", "tide"), rsa_key())
    write_key(keyring.path("harbour.example", "ebb"), Ed25519PrivateKey.generate())

    assert [(one.selector, one.is_rsa) for one in keyring.signers(SENDER)] == [
        ("tide", True),
        ("ebb", False),
    ]


def test_a_key_is_read_once(tmp_path: Path) -> None:
    keyring = _keyring(tmp_path)
    [first] = keyring.signers(SENDER)
    keyring.path("harbour.example", "tide").unlink()
    [second] = keyring.signers(SENDER)
    assert second is first


def test_mail_waits_for_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"own\.pem cannot be used: there is no such file"):
        _keyring(tmp_path).signers(SENDER, "harbour.example", "own")


def test_keys_may_lie_elsewhere(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, dkim_folder=str(tmp_path / "keys"))
    assert Keyring(settings).path("harbour.example", "s1") == (
        tmp_path / "keys" / "harbour.example.s1.pem"
    )


@pytest.mark.parametrize("half", [{"dkim_domain": "harbour.example"}, {"dkim_selector": "tide"}])
def test_half_of_a_key_name_is_a_wrong_setting(half: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="Set both, or neither"):
        load_settings(**half)


@pytest.mark.parametrize("wrong", [{"dkim_domain": "../etc"}, {"dkim_selector": "../../key"}])
def test_a_name_that_is_none_is_a_wrong_setting(tmp_path: Path, wrong: dict[str, str]) -> None:
    named = {"dkim_domain": "harbour.example", "dkim_selector": "tide"} | wrong
    with pytest.raises(ConfigurationError, match="PUBLISHER_DKIM_"):
        Keyring(load_settings(home=tmp_path, **named)).signers(SENDER)


def test_names_are_written_as_dns_has_them() -> None:
    assert domain_name(" Häfen.Example ") == "xn--hfen-loa.example"
    assert selector_name(" News-2026.A ") == "news-2026.a"
    assert vouches("harbour.example", "News@Letters.Harbour.Example")


@pytest.mark.parametrize(
    "text", ["", "harbour", "a b.example", "a/b.example", "a..example", "x@y.z"]
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"example\.org"):
        domain_name(text)


@pytest.mark.parametrize(
    "text", ["", "a b", "-a", "a-", "a..b", "a/b", "x" * 64, "ä", "a._domainkey"]
)
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="news2026"):
        selector_name(text)


def test_one_selector_or_two_are_named() -> None:
    assert selector_names("Tide") == selector_names("tide,tide") == ("tide",)
    assert selector_names(" ebb , TIDE") == ("ebb", "tide")


@pytest.mark.parametrize("text", ["a,", ",", "a,b,c", "a b,c", f"{'x' * 60},{'y' * 60}"])
def test_what_are_no_selectors_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        selector_names(text)


def _keyring(folder: Path) -> Keyring:
    keyring = Keyring(Settings(home=folder, dkim_domain="harbour.example", dkim_selector="tide"))
    (folder / "dkim").mkdir()
    write_key(keyring.path("harbour.example", "tide"), rsa_key())
    return keyring
