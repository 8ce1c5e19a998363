"""Tokens of partners: what opens, what does not, and what is kept of them."""

import hmac
import secrets
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from publisher.accounts.models import AuditRow
from publisher.errors import InvalidInputError, NotFoundError
from publisher.feeds.partners.models import PartnerTokenRow
from publisher.feeds.partners.register import find_partner
from publisher.feeds.partners.tokens import (
    NOTED_EVERY,
    is_to_be_noted,
    issue_token,
    list_tokens,
    note_use,
    revoke_tokens,
)
from publisher.store import Runtime
from tests.feeds.partners import holder, partner
from tests.feeds.samples import EDITOR
from tests.services.runtimes import Clock


def test_a_token_opens_what_its_partner_gets(runtime: Runtime) -> None:
    found = holder(runtime, partner(runtime))
    assert found is not None
    given = found.contract
    assert (given.slug, given.scopes, given.whole_texts) == ("post", ("all",), True)


def test_only_a_hash_of_the_secret_is_kept(runtime: Runtime) -> None:
    _, key, secret = partner(runtime).split("_", 2)
    with runtime.sessions.read() as session:
        [row] = session.exec(select(PartnerTokenRow)).all()
    assert row.key == key
    assert secret not in repr(row.model_dump())


def test_two_tokens_are_good_at_once_until_one_is_revoked(runtime: Runtime) -> None:
    old = partner(runtime)
    with runtime.sessions.begin() as session:
        new = issue_token(session, "post", " new  server ", by=EDITOR, now=runtime.clock())
    assert holder(runtime, old)
    assert holder(runtime, new)
    with runtime.sessions.begin() as session:
        key = old.split("_")[1]
        assert revoke_tokens(session, "post", key, by=EDITOR, now=runtime.clock()) == [key]
    assert holder(runtime, old) is None
    assert holder(runtime, new)
    with runtime.sessions.read() as session:
        tokens = list_tokens(session, find_partner(session, "post"))
    assert {one.note for one in tokens} == {"", "new server"}


def test_revoking_a_partner_closes_all_its_tokens_and_no_others(runtime: Runtime) -> None:
    mine, other = partner(runtime), partner(runtime, "gazette")
    with runtime.sessions.begin() as session:
        second = issue_token(session, "post", "", by=EDITOR, now=runtime.clock())
        assert len(revoke_tokens(session, "post", by=EDITOR, now=runtime.clock())) == 2
        assert revoke_tokens(session, "post", by=EDITOR, now=runtime.clock()) == []
    assert holder(runtime, mine) is None
    assert holder(runtime, second) is None
    assert holder(runtime, other)
    with runtime.sessions.read() as session:
        rows = session.exec(select(AuditRow).where(col(AuditRow.action) == "partner.revoke")).all()
    assert [len(row.detail["tokens"]) for row in rows] == [2]


def test_the_token_of_one_partner_is_not_revoked_through_another(runtime: Runtime) -> None:
    mine = partner(runtime)
    partner(runtime, "gazette")
    key = mine.split("_")[1]
    with runtime.sessions.begin() as session, pytest.raises(NotFoundError):
        revoke_tokens(session, "gazette", key, by=EDITOR, now=runtime.clock())
    assert holder(runtime, mine)


def test_a_note_has_an_end(runtime: Runtime) -> None:
    partner(runtime)
    with runtime.sessions.begin() as session, pytest.raises(InvalidInputError, match="200"):
        issue_token(session, "post", "x" * 201, by=EDITOR, now=runtime.clock())


def test_what_is_not_the_whole_token_opens_nothing(runtime: Runtime) -> None:
    token = partner(runtime)
    start, key, secret = token.split("_", 2)
    hostile = [
        token[:-1],
        f"{token}A",
        f"{token}\n",
        f" {token}",
        token.upper(),
        f"{key}_{secret}",
        f"{start}_{key}_{secrets.token_urlsafe(32)}",
        f"{start}_{secrets.token_hex(6)}_{secret}",
        token[:-1] + ("A" if token[-1] != "A" else "E"),
        f"{start}_{key}_",
        f"{start}_{key}_" + "\0" * 43,
        f"{start}_' OR 1=1 --_{secret}",
        "",
        None,
        "ü" * 60,
    ]
    assert [one for one in hostile if holder(runtime, one)] == []
    assert holder(runtime, token)


@given(text=st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_no_text_is_a_token_by_chance(runtime: Runtime, text: str) -> None:
    assert holder(runtime, text) is None
    assert holder(runtime, f"pt_000000000000_{text}") is None


@pytest.mark.parametrize("kind", ["right", "wrong secret", "no such key", "no token"])
def test_every_token_is_compared_in_constant_time(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Two digests of one length are compared once, whatever was sent."""
    token = partner(runtime)
    sent = {
        "right": token,
        "wrong secret": token[:16] + "A" * 43,
        "no such key": f"pt_{'0' * 12}_{'A' * 43}",
        "no token": "hello",
    }[kind]
    compared = []
    compare = hmac.compare_digest

    def watched(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    assert (holder(runtime, sent) is not None) is (kind == "right")
    assert compared == [(64, 64)]


def test_the_use_of_a_token_is_noted_once_an_hour(runtime: Runtime, clock: Clock) -> None:
    token = partner(runtime)
    first = clock.now
    for wait in (timedelta(0), NOTED_EVERY - timedelta(seconds=1)):
        clock.now = first + wait
        _use(runtime, token)
        assert _used_at(runtime) == first
    clock.now = first + NOTED_EVERY
    _use(runtime, token)
    assert _used_at(runtime) == clock.now


def test_many_that_ask_at_once_note_it_once(runtime: Runtime, clock: Clock) -> None:
    key = partner(runtime).split("_")[1]
    first = clock.now
    for later in (0, 1, 2):
        with runtime.sessions.begin() as session:
            note_use(session, key, first + timedelta(seconds=later))
    assert _used_at(runtime) == first


def _use(runtime: Runtime, token: str) -> None:
    found = holder(runtime, token)
    assert found is not None
    if is_to_be_noted(found, runtime.clock()):
        with runtime.sessions.begin() as session:
            note_use(session, found.key, runtime.clock())


def _used_at(runtime: Runtime) -> object:
    with runtime.sessions.read() as session:
        return session.exec(select(PartnerTokenRow.used_at)).one()
