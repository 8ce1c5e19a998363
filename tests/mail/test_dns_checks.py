from dataclasses import replace
from pathlib import Path

import pytest

from publisher.mail.dkim import Signer
from publisher.mail.dns_checks import Finding, Sender, check_relay, check_sender, in_dns
from tests.mail.nameserver import Scripted, Zone
from tests.mail.signing import signer

KEY_AT = "tide._domainkey.harbour.example"
SPF = {("harbour.example", "TXT"): ("v=spf1 a:relay.harbour.example -all", "moored=1")}
DMARC = {("_dmarc.harbour.example", "TXT"): ("v=DMARC1; p=none; rua=mailto:dmarc@harbour.example",)}
RELAY = {  # an address of the world: those for documentation count as this network's
    ("relay.harbour.example", "A"): ("8.8.4.4",),
    ("8.8.4.4", "PTR"): ("relay.harbour.example",),
}


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer("rsa", tmp_path_factory.mktemp("keys"))


def test_a_domain_that_proves_itself_is_in_order(harbour: Signer) -> None:
    found = _findings(SPF | DMARC | _key(harbour.record), harbour)
    assert [(one.name, one.state) for one in found.values()] == [
        ("spf", "ok"),
        ("dkim", "ok"),
        ("dmarc", "ok"),
    ]


def test_a_domain_that_says_nothing_is_told_what_to_publish(harbour: Signer) -> None:
    found = _findings({}, harbour)
    assert {one.state for one in found.values()} == {"failed"}
    assert found["spf"].remedy.endswith("v=spf1 a:relay.harbour.example -all")
    assert KEY_AT in found["dkim"].remedy
    assert harbour.record in found["dkim"].remedy
    assert "_dmarc.harbour.example: v=DMARC1; p=none" in found["dmarc"].remedy


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=spf1 include:relay.example +all", "every server in the world"),
        ("v=spf1 all", "every server in the world"),
        ("v=spf1 include:relay.example", "end it with -all"),
        ("v=spf1 " + "a:a.example " * 11 + "-all", "more than 10 names"),
        ("v=spf1 include:deep.example -all", "more than 10 names"),
        ("v=spf1 include:circle.example -all", "more than 10 names"),
    ],
)
def test_a_flaw_of_spf_is_named(record: str, said: str) -> None:
    zone = {
        ("harbour.example", "TXT"): (record,),
        ("deep.example", "TXT"): ("v=spf1 mx:one.example redirect=deeper.example",),
        ("deeper.example", "TXT"): ("v=spf1 " + "exists:%{i}.example " * 8 + "-all",),
        ("circle.example", "TXT"): ("v=spf1 include:circle.example -all",),
    }
    spf = _findings(zone, None)["spf"]
    assert spf.state == "failed"
    assert said in spf.detail


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all",
        "V=SPF1 redirect=relay.example",
        "v=spf1 " + "a:a.example " * 10 + "?all",
        "v=spf1 include:%{d}.relay.example -all exp=why.example",
    ],
)
def test_sound_spf_is_in_order(record: str) -> None:
    assert _findings({("harbour.example", "TXT"): (record,)}, None)["spf"].state == "ok"


def test_two_spf_records_are_none() -> None:
    zone = {("harbour.example", "TXT"): ("v=spf1 -all", "v=spf1 mx -all")}
    spf = _findings(zone, None)["spf"]
    assert (spf.state, spf.remedy) == ("failed", "Join them into one: v=spf1 -all | v=spf1 mx -all")


def test_without_a_key_of_ours_the_relay_must_sign() -> None:
    dkim = _findings({}, None)["dkim"]
    assert dkim.state == "note"
    assert "the relay must sign" in dkim.detail


def test_another_key_in_dns_fails(harbour: Signer, tmp_path: Path) -> None:
    other = signer("ed25519", tmp_path).record.replace("k=ed25519", "k=rsa")
    dkim = _findings(_key(other), harbour)["dkim"]
    assert (dkim.state, dkim.detail) == ("failed", f"Another key stands at {KEY_AT}.")
    assert harbour.record in dkim.remedy


@pytest.mark.parametrize("records", [("v=DKIM1; k=rsa; p=",), ("v=DKIM1; p=a", "v=DKIM1; p=b")])
def test_a_key_taken_back_and_several_keys_fail(harbour: Signer, records: tuple[str, ...]) -> None:
    assert _findings({(KEY_AT, "TXT"): records}, harbour)["dkim"].state == "failed"


def test_our_key_counts_however_its_record_is_written(harbour: Signer) -> None:
    spaced = harbour.record.replace("v=DKIM1; k=rsa; ", "").replace("MII", " M I I ") + " ; n=x"
    assert _findings(_key(spaced), harbour)["dkim"].state == "ok"


def test_each_key_has_its_own_record(harbour: Signer, tmp_path: Path) -> None:
    ebb = replace(signer("ed25519", tmp_path), selector="ebb")
    sender = Sender("harbour.example", (harbour, ebb), "relay.harbour.example")
    zone = {**SPF, **DMARC, **_key(harbour.record)}

    one_missing = [one for one in check_sender(sender, Scripted(zone)) if one.name == "dkim"]
    second = {("ebb._domainkey.harbour.example", "TXT"): (ebb.record,)}
    both = [one for one in check_sender(sender, Scripted(zone | second)) if one.name == "dkim"]

    assert [one.state for one in one_missing] == ["ok", "failed"]
    assert ebb.record in one_missing[1].remedy
    assert [one.state for one in both] == ["ok", "ok"]


def test_the_domain_of_bounces_is_asked_for_spf_and_a_mail_server(harbour: Signer) -> None:
    bounces = "b.harbour.example"
    sender = Sender("harbour.example", (harbour,), "relay.harbour.example", bounces)
    zone = {**DMARC, **_key(harbour.record)}

    bare = {one.name: one for one in check_sender(sender, Scripted(zone))}
    told = zone | {
        (bounces, "TXT"): ("v=spf1 a:relay.harbour.example -all",),
        (bounces, "MX"): ("10 relay.harbour.example",),
    }
    full = {one.name: one for one in check_sender(sender, Scripted(told))}

    assert [bare[name].state for name in ("spf", "bounces")] == ["failed", "failed"]
    assert f"Publish an MX at {bounces}" in bare["bounces"].remedy
    assert {one.state for one in full.values()} == {"ok"}


def test_bounces_of_another_house_leave_dmarc_to_dkim(harbour: Signer) -> None:
    zone = {("bounces.example", "TXT"): ("v=spf1 a:relay.harbour.example -all",)}
    sender = Sender("harbour.example", (harbour,), "relay.harbour.example", "bounces.example")
    spf = next(check_sender(sender, Scripted(zone)))
    assert (spf.state, "only DKIM counts" in spf.detail) == ("note", True)


def test_a_key_marked_as_a_test_is_noted(harbour: Signer) -> None:
    dkim = _findings(_key(f"{harbour.record}; t=s:y"), harbour)["dkim"]
    assert (dkim.state, dkim.remedy) == ("note", "Take t=y out of the record.")


def test_ed25519_alone_is_noted(tmp_path: Path) -> None:
    ours = signer("ed25519", tmp_path)
    assert _findings(_key(ours.record), ours)["dkim"].state == "note"
    assert _findings(_key(ours.record.replace("ed25519", "rsa")), ours)["dkim"].state == "failed"


@pytest.mark.parametrize(
    "records",
    [
        ("v=DMARC1; rua=mailto:x@harbour.example",),
        ("v=DMARC1; p=maybe",),
        ("v=DMARC1; p=none", "v=DMARC1; p=reject"),
    ],
)
def test_a_policy_that_does_not_count_fails(records: tuple[str, ...]) -> None:
    dmarc = _findings({("_dmarc.harbour.example", "TXT"): records}, None)["dmarc"]
    assert (dmarc.state, "does not count" in dmarc.detail) == ("failed", True)


def test_a_domain_has_the_policy_of_the_one_above_it(harbour: Signer) -> None:
    found = _findings(DMARC, harbour, domain="letters.harbour.example")
    assert found["dmarc"].state == "ok"
    assert found["dmarc"].detail.startswith("_dmarc.harbour.example says")


def test_a_strict_policy_wants_the_very_domain_to_sign(harbour: Signer) -> None:
    strict = {("_dmarc.harbour.example", "TXT"): ("v=DMARC1; p=reject; adkim=s",)}
    assert _findings(strict, harbour)["dmarc"].state == "ok"
    below = _findings(strict, harbour, domain="letters.harbour.example")["dmarc"]
    assert (below.state, below.remedy[:7]) == ("failed", "Sign as")


def test_what_dns_does_not_answer_is_a_note_and_hides_nothing(harbour: Signer) -> None:
    resolver = Scripted(SPF | DMARC, silent_about=frozenset({KEY_AT}))
    sender = Sender("harbour.example", (harbour,), "relay.harbour.example")
    found = {one.name: one for one in check_sender(sender, resolver)}
    assert {name: one.state for name, one in found.items()} == {
        "spf": "ok",
        "dkim": "note",
        "dmarc": "ok",
    }
    assert "not known, because" in found["dkim"].detail


def test_a_relay_whose_name_leads_back_is_in_order() -> None:
    assert check_relay("relay.harbour.example", Scripted(_public(RELAY))).state == "note"
    ptr = check_relay("relay.port-ellery.news", Scripted(_public(RELAY)))
    assert (ptr.state, ptr.detail) == ("ok", "relay.port-ellery.news: 8.8.4.4, forth and back")


@pytest.mark.parametrize(
    ("names", "said"), [((), "has no name"), (("x.port-ellery.news",), "does not lead back")]
)
def test_a_relay_without_a_name_that_leads_back_is_noted(names: tuple[str, ...], said: str) -> None:
    zone = _public(RELAY) | {("8.8.4.4", "PTR"): names}
    ptr = check_relay("relay.port-ellery.news", Scripted(zone))
    assert ptr.state == "note"
    assert said in ptr.detail
    assert "have its PTR set" in ptr.remedy


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.9", "localhost", "mailpit", "relay.example"])
def test_nobody_is_asked_about_a_relay_of_this_network(host: str) -> None:
    resolver = Scripted({})
    assert check_relay(host, resolver).state == "note"
    assert resolver.asked == []


@pytest.mark.parametrize(
    ("domain", "own"),
    [
        ("port-ellery.news", True),
        ("news.port-ellery.news", True),
        ("harbour.example", False),
        ("news.example.org", False),
        ("localhost", False),
        ("192.0.2.1", False),
    ],
)
def test_names_for_examples_are_not_in_dns(domain: str, own: bool) -> None:  # noqa: FBT001 - an example
    assert in_dns(domain) is own


def _findings(
    zone: Zone, by: Signer | None, *, domain: str = "harbour.example"
) -> dict[str, Finding]:
    sender = Sender(domain, (by,) if by else (), "relay.harbour.example")
    return {one.name: one for one in check_sender(sender, Scripted(zone))}


def _key(record: str) -> Zone:
    return {(KEY_AT, "TXT"): (record,)}


def _public(zone: Zone) -> dict[tuple[str, str], tuple[str, ...]]:
    """The same names below a domain that may be asked for."""

    def moved(text: str) -> str:
        return text.replace("harbour.example", "port-ellery.news")

    return {(moved(name), kind): tuple(map(moved, found)) for (name, kind), found in zone.items()}
