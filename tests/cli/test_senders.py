from pathlib import Path

import pytest

from publisher.cli.checks import Check
from publisher.cli.senders import examine_senders
from publisher.mail.dkim import Signer
from publisher.settings import load_settings
from tests.cli.conftest import Shell
from tests.mail.nameserver import Scripted
from tests.mail.signing import rsa_key, write_key

DOMAIN = "port-ellery.news"
KEY_AT = f"tide._domainkey.{DOMAIN}"


@pytest.fixture
def signing(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The newsroom signs as its own domain; returns where the key is."""
    monkeypatch.setenv("PUBLISHER_SENDER_ADDRESS", f"news@{DOMAIN}")
    monkeypatch.setenv("PUBLISHER_DKIM_DOMAIN", DOMAIN)
    monkeypatch.setenv("PUBLISHER_DKIM_SELECTOR", "tide")
    (home / "dkim").mkdir()
    return write_key(home / "dkim" / f"{DOMAIN}.tide.pem", rsa_key())


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_SMTP_HOST", "127.0.0.1")


def test_dns_is_asked_about_every_sender_and_each_is_told_once(
    shell: Shell, signing: Path, relay: None
) -> None:
    shell("newsletters", "create", "briefing")
    shell("newsletters", "create", "tides", "--sender-address", "tides@letters.port-ellery.news")
    resolver = Scripted({})
    told = _told(resolver)
    assert len(told) == len(set(told))
    assert [one.state for one in told if one.name == "spf"] == ["failed", "failed"]
    assert [one.state for one in told if one.name == "dkim"] == ["failed"]
    assert {name for name, kind in resolver.asked if kind == "TXT"} == {
        *(DOMAIN, f"letters.{DOMAIN}", KEY_AT),
        *(f"_dmarc.{DOMAIN}", f"_dmarc.letters.{DOMAIN}"),
    }


def test_the_record_to_publish_is_printed_whole(shell: Shell, signing: Path, relay: None) -> None:
    (dkim,) = [one for one in _told(Scripted({})) if one.name == "dkim"]
    assert Signer.load(signing, DOMAIN, "tide").record in dkim.remedy


def test_dns_is_not_asked_while_mail_stays_here(shell: Shell, signing: Path) -> None:
    resolver = Scripted({})
    told = _told(resolver)
    assert [(one.name, one.state) for one in told] == [("dkim", "ok"), ("dns", "note")]
    assert resolver.asked == []


def test_a_key_that_is_missing_fails_even_without_dns(shell: Shell, signing: Path) -> None:
    signing.unlink()
    said = shell("doctor", "--quiet", "--no-dns")
    assert said.code == 1
    assert "there is no such file. Make one with: openssl genrsa" in said.out


def test_the_key_of_a_newsletter_is_looked_at(shell: Shell) -> None:
    words = ("newsletters", "create", "tides", "--sender-address", f"tides@{DOMAIN}")
    shell(*words, "--dkim-domain", DOMAIN, "--dkim-selector", "own")
    assert f"{DOMAIN}.own.pem cannot be used" in shell("doctor", "--quiet", "--no-dns").out


def test_a_name_for_examples_is_noted_and_not_asked_about(shell: Shell, relay: None) -> None:
    resolver = Scripted({})
    notes = [one for one in _told(resolver) if one.name == "dns"]
    assert [one.state for one in notes] == ["note"]
    assert "no domain of your own" in notes[0].detail
    assert resolver.asked == []


def test_what_strangers_publish_is_cut_short(shell: Shell, signing: Path, relay: None) -> None:
    zone = {(DOMAIN, "TXT"): ("v=spf1 " + "ip4:192.0.2.1 " * 999 + "-all",)}
    (spf,) = [one for one in _told(Scripted(zone)) if one.name == "spf"]
    assert (spf.state, len(spf.detail)) == ("ok", 601)


def test_senders_can_be_looked_at_before_there_is_a_database(shell: Shell, home: Path) -> None:
    (home / "publisher.db").write_bytes(b"")
    assert [one.name for one in _told(Scripted({}))] == ["dns"]
    (home / "publisher.db").unlink()
    assert [one.name for one in _told(Scripted({}))] == ["dns"]


def _told(resolver: Scripted) -> list[Check]:
    return list(examine_senders(load_settings(), resolver))
