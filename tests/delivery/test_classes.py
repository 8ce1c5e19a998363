"""Whose fault a refusal is, from what mail servers really say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.classes import class_of
from publisher.mail.replies import Outcome, Reply, Stage

GONE = [
    "5.1.1 no such reader",
    "5.1.1 The email account that you tried to reach does not exist.",
    "5.1.1 <ada@reader.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "5.1.2 Host unknown",
    "5.1.6 mailbox has moved",
    "no such user here",
    "User unknown",
    "<ada@reader.example>: unknown user",
    "Requested action not taken: mailbox not found",
    "This user doesn't have a reader.example account",
    "5.5.0 invalid recipient",
    "5.2.1 this account has been disabled",
    "Unrouteable address",
]
OURS = [
    "5.7.1 not from you",
    "5.7.1 User unknown to our policy",
    "5.7.26 This mail is unauthenticated: SPF and DKIM did not pass",
    "5.7.25 the sending IP does not have a PTR record",
    "5.7.606 Access denied, banned sending IP",
    "5.1.1 message rejected as spam",
    "5.1.8 sender address rejected: Domain not found",
    "5.1.7 invalid sender",
    "Client host blocked using a block list, see the list's page",
    "too many messages, slow down",
    "Sender address rejected: domain not found",
    "5.2.1 The user is receiving mail at a rate that prevents more",
    "relaying denied",
    "5.4.1 Recipient address rejected: Access denied",
]
PASSING = [
    "5.2.2 over quota",
    "mailbox is full",
    "5.3.4 message too big for system",
    "5.4.4 no route to host",
    "5.4.6 loop",
    "5.2.3 too long for this mailbox",
]


@pytest.mark.parametrize("said", GONE)
def test_an_address_that_is_not_there_is_hard(said: str) -> None:
    assert class_of(refused(550, said)) == "hard"


@pytest.mark.parametrize("said", OURS)
def test_a_block_is_never_the_readers_fault(said: str) -> None:
    assert class_of(refused(550, said)) == "policy"
    assert class_of(refused(554, said, "end")) == "policy"


@pytest.mark.parametrize("said", PASSING)
def test_what_passes_is_soft(said: str) -> None:
    assert class_of(refused(552, said)) == "soft"


@pytest.mark.parametrize("said", ["", "no", "5.0.0 transaction failed", "5.5.1 what?"])
def test_what_nobody_understands_is_unknown(said: str) -> None:
    assert class_of(refused(550, said)) == "unknown"


@pytest.mark.parametrize("said", GONE)
def test_the_same_words_after_the_message_are_no_proof(said: str) -> None:
    assert class_of(refused(550, said, "end")) == "hard_at_end"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("4.2.0 Recipient address rejected: Greylisted", "soft"),
        ("4.7.1 Greylisting in action, please come back later", "soft"),
        ("4.7.28 unusual rate of unsolicited mail", "policy"),
        ("4.7.0 try again later", "policy"),
        ("4.1.1 user unknown", "soft"),
        ("4.2.2 over quota", "soft"),
        ("later", "soft"),
    ],
)
def test_what_is_put_off_is_soft_or_a_block(said: str, verdict: str) -> None:
    assert class_of(Reply("deferred", 450, said, "rcpt")) == verdict


def test_our_own_checks_say_what_they_found() -> None:
    assert class_of(Reply("refused", None, "no @", "address")) == "address"
    assert class_of(Reply("refused", None, "too large", "message")) == "message"


@pytest.mark.parametrize("outcome", ["accepted", "uncertain"])
def test_what_arrived_or_may_have_has_no_class(outcome: Outcome) -> None:
    assert class_of(Reply(outcome, 250, "5.1.1 user unknown", "end")) is None


@given(
    text=st.text() | st.from_regex(r"[245]\.[0-9]{1,3}\.[0-9]{1,3} .{0,150}"),
    code=st.integers(400, 599) | st.none(),
    stage=st.sampled_from(["rcpt", "data", "end"]),
    outcome=st.sampled_from(["refused", "deferred"]),
)
def test_every_no_has_a_class_and_only_a_refused_address_is_hard(
    text: str, code: int | None, stage: Stage, outcome: Outcome
) -> None:
    verdict = class_of(Reply(outcome, code, text, stage))

    assert verdict is not None
    assert len(verdict) <= 16
    assert verdict != "hard" or (stage, outcome) == ("rcpt", "refused")


@given(text=st.text(max_size=150), detail=st.integers(0, 999))
def test_a_status_of_policy_is_never_hard(text: str, detail: int) -> None:
    assert class_of(refused(550, f"5.7.{detail} {text}")) in {"policy", "soft"}


def refused(code: int, said: str, stage: Stage = "rcpt") -> Reply:
    return Reply("refused", code, said, stage)
