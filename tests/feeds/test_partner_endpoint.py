"""Where stories may be pushed to, and where not."""

from typing import Any

import pytest

from publisher.errors import InvalidInputError, RefusedError
from publisher.feeds.partners import push
from publisher.feeds.partners.endpoint import push_standing, set_push
from publisher.feeds.partners.push import push_to
from publisher.feeds.partners.register import find_partner
from publisher.fetch import Client
from publisher.store import Runtime
from tests.feeds.partners import partner
from tests.feeds.samples import EDITOR, bring
from tests.feeds.subscribers import news


@pytest.mark.parametrize(
    ("url", "error", "reason"),
    [
        ("http://post.example/in", InvalidInputError, "must begin with https://"),
        ("ftp://post.example/in", InvalidInputError, "must begin with http"),
        ("https://user:pw@post.example/", InvalidInputError, "no user, password"),
        ("https://10.0.0.1/in", RefusedError, "PUBLISHER_PRIVATE_NETWORKS"),
        ("https://post.example/" + "a" * 500, InvalidInputError, "500 characters"),
        ("nonsense", InvalidInputError, "must begin with"),
    ],
)
def test_an_address_that_will_not_do_is_said(
    runtime: Runtime, url: str, error: type[Exception], reason: str
) -> None:
    partner(runtime)
    with pytest.raises(error, match=reason):
        _set(runtime, url)


def test_a_name_that_leads_into_our_own_network_is_not_asked(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner(runtime)
    _set(runtime, "https://post.example/in")
    bring(runtime, news())
    monkeypatch.setattr(push, "Client", _resolving_to_loopback)
    assert push_to(runtime, "post") == 0
    with runtime.sessions.read() as session:
        standing = push_standing(session, find_partner(session, "post"))
    assert standing is not None
    assert "not a public address" in (standing.problem or "")


def _resolving_to_loopback(**settings: Any) -> Client:
    return Client(**settings, resolve=lambda *_: ("127.0.0.1",))


def _set(runtime: Runtime, url: str) -> None:
    with runtime.sessions.begin() as session:
        set_push(session, "post", url, ours=(), by=EDITOR, now=runtime.clock())
