import pytest
from sqlmodel import Session, select

from publisher.accounts.models import AuditRow
from publisher.cli.opening import opened
from publisher.delivery.models import DestinationRow
from tests.cli.conftest import Shell


def test_a_domain_gets_limits_one_after_the_other(shell: Shell) -> None:
    assert "no destination has a limit" in shell("destinations", "list").out.lower()
    first = shell("destinations", "set", "Mail.Example", "--per-minute", "600", "--json").row
    assert (first["domain"], first["per_minute"], first["today"]) == ("mail.example", 600, None)
    said = shell("destinations", "set", "mail.example", "--connections", "2", "--warm-up", "200")
    assert "600 messages a minute, 2 connections at a time" in said.out
    assert "200 messages today, twice as many each day after" in said.out
    row = shell("destinations", "list", "--json").row
    assert (row["per_minute"], row["connections"], row["warm_up_first"]) == (600, 2, 200)
    assert "mail.example" in shell("destinations", "list").out
    with opened() as runtime, runtime.sessions.read() as session:
        assert _acts(session) == ["destination.set", "destination.set"]


def test_a_domain_without_a_limit_left_is_forgotten(shell: Shell) -> None:
    shell("destinations", "set", "*", "--per-minute", "30000")
    said = shell("destinations", "set", "*", "--per-minute", "0")
    assert "as fast as it can" in said.out
    assert shell("destinations", "list", "--json").rows == []


def test_a_hold_is_shown_and_released(shell: Shell) -> None:
    with opened() as runtime, runtime.sessions.begin() as session:
        until = runtime.clock().replace(year=2100)
        said = "550 5.7.1 \x1b[31mblocked\x1b[0m"
        session.add(DestinationRow(domain="mail.example", held_until=until, strikes=3, reason=said))
    listed = shell("destinations", "list").out
    assert "blocked" in listed
    assert "\x1b" not in listed
    released = shell("destinations", "release", "mail.example", "--json").row
    assert (released["held_until"], released["strikes"]) == (None, 0)
    assert shell("destinations", "release", "mail.example").code == 1


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["set", "mail.example"], "Say what is to change"),
        (["set", "ada@mail.example", "--per-minute", "5"], "what stands behind the @"),
        (["set", "mail", "--per-minute", "5"], "what stands behind the @"),
        (["set", "mail.example", "--per-minute", "-1"], "0 (no limit)"),
        (["set", "mail.example", "--connections", "51"], "0 (no limit) to 50"),
        (["set", "*", "--connections", "5"], "PUBLISHER_SMTP_CONNECTIONS"),
        (["release", "mail.example"], "no held destination"),
    ],
)
def test_a_wrong_command_says_what_to_do(shell: Shell, words: list[str], hint: str) -> None:
    said = shell("destinations", *words)
    assert (said.code, said.out) == (1, "")
    assert hint in said.err


def test_a_newsletter_rests_and_has_a_policy(shell: Shell) -> None:
    shell("newsletters", "create", "briefing")
    row = shell("newsletters", "set", "briefing", "--quiet", "22-7", "--json").row
    assert (row["quiet_from"], row["quiet_until"], row["resend_uncertain"]) == (22, 7, False)
    said = shell("newsletters", "set", "briefing", "--uncertain", "resend").out
    assert "22:00 to 07:00" in said
    assert "is sent again" in said
    assert "never" in shell("newsletters", "set", "briefing", "--quiet", "none").out
    assert shell("newsletters", "show", "briefing", "--json").row["resend_uncertain"] is True


def test_a_newsletter_comes_from_somebody_else(shell: Shell) -> None:
    shell("newsletters", "create", "briefing")
    said = shell(
        "newsletters", "set", "briefing", "--sender-name", "The Pier",
        "--sender-address", "desk@pier.example", "--reply-to", "answers@pier.example",
    )  # fmt: skip
    assert "The Pier <desk@pier.example>" in said.out
    row = shell("newsletters", "set", "briefing", "--reply-to", "none", "--json").row
    assert (row["sender_address"], row["reply_to"]) == ("desk@pier.example", None)


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["briefing"], 1, "Say what is to change"),
        (["briefing", "--quiet", "at night"], 1, "like 22-7"),
        (["briefing", "--quiet", "22-24"], 1, "0 to 23"),
        (["briefing", "--quiet", "7-7"], 1, "must leave an hour"),
        (["briefing", "--uncertain", "maybe"], 2, "hold"),
        (["other", "--quiet", "22-7"], 1, "no newsletter"),
    ],
)
def test_a_wrong_change_of_a_newsletter_says_what_to_do(
    shell: Shell, words: list[str], code: int, hint: str
) -> None:
    shell("newsletters", "create", "briefing")
    said = shell("newsletters", "set", *words)
    assert said.code == code
    assert hint in said.err


def test_an_address_that_is_not_suppressed_cannot_be_unsuppressed(shell: Shell) -> None:
    said = shell("subscribers", "unsuppress", "ada@harbour.example")
    assert said.code == 1
    assert "no suppressed address" in said.err


def _acts(session: Session) -> list[str]:
    statement = select(AuditRow.action).where(AuditRow.subject == "destination")
    return list(session.exec(statement))
