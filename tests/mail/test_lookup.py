import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from publisher.errors import UnavailableError
from publisher.mail import lookup
from publisher.mail.lookup import DnsResolver, Resolver
from tests.mail.nameserver import NameServer, Scripted

LONG = "v=DKIM1; k=rsa; p=" + "QUAY" * 98
ZONE = {
    ("harbour.example", "TXT"): ("v=spf1 -all", "moored=1"),
    ("tide._domainkey.harbour.example", "TXT"): (LONG,),
    ("relay.harbour.example", "A"): ("192.0.2.7", "192.0.2.8"),
    ("relay.harbour.example", "AAAA"): ("2001:db8::7",),
    ("192.0.2.7", "PTR"): ("relay.harbour.example",),
    ("2001:db8::7", "PTR"): ("relay.harbour.example",),
}
BROKEN = frozenset({"broken.example"})


@pytest.fixture(params=["scripted", "real"])
def resolver(request: pytest.FixtureRequest) -> Iterator[Resolver]:
    """The fake and the real one, which have to answer alike."""
    with ExitStack() as stack:
        if request.param == "scripted":
            yield Scripted(ZONE, silent_about=BROKEN)
        else:
            server = stack.enter_context(NameServer(ZONE, silent_about=BROKEN))
            yield DnsResolver(["127.0.0.1"], server.port)


@pytest.mark.parametrize(("question", "records"), ZONE.items(), ids=str)
def test_records_are_plain_text(
    resolver: Resolver, question: tuple[str, lookup.Kind], records: tuple[str, ...]
) -> None:
    assert sorted(resolver.ask(*question)) == sorted(records)


@pytest.mark.parametrize("name", ["nowhere.example", "relay.harbour.example"])
def test_no_name_and_no_record_are_no_answer(resolver: Resolver, name: str) -> None:
    assert resolver.ask(name, "TXT") == ()


def test_servers_that_fail_are_told_apart_from_no_record(resolver: Resolver) -> None:
    with pytest.raises(UnavailableError, match=r"no answer about broken\.example"):
        resolver.ask("broken.example", "TXT")
    assert resolver.ask("harbour.example", "TXT")


def test_a_name_that_dns_cannot_have_is_said_to_be_one() -> None:
    with NameServer(ZONE) as server, pytest.raises(UnavailableError, match="cannot be asked"):
        DnsResolver(["127.0.0.1"], server.port).ask("quay..example", "TXT")


def test_nobody_is_kept_waiting_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "PATIENCE_S", 0.3)
    with NameServer(ZONE, mute=True) as server:
        resolver = DnsResolver(["127.0.0.1"], server.port)
        assert _seconds(lambda: _asked_in_vain(resolver)) < 2
        assert _seconds(lambda: _asked_in_vain(resolver)) < 0.1


def _asked_in_vain(resolver: Resolver) -> None:
    with pytest.raises(UnavailableError, match="is this machine offline"):
        resolver.ask("harbour.example", "TXT")


def _seconds(act: Callable[[], None]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun
