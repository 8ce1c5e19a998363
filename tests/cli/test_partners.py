import pytest

from tests.cli.conftest import Shell

POST = ("post", "--name", "The Evening Post", "--contact", "desk@post.example")


def test_a_partner_is_entered_with_a_token_that_is_shown_once(shell: Shell) -> None:
    said = shell("partners", "add", *POST, "--text", "full")
    assert said.code == 0
    [token] = [word for word in said.out.split() if word.startswith("pt_")]
    assert "http://127.0.0.1:8000/partners/post/stories.ninjs" in said.out
    shown = shell("partners", "show", "post")
    assert token not in shown.out
    assert token.split("_")[1] in shown.out
    assert "whole, where rights allow it" in shown.out


def test_a_program_gets_the_token_as_well(shell: Shell) -> None:
    row = shell("partners", "add", *POST, "--json").row
    assert row["token"].startswith(f"pt_{row['tokens'][0]['key']}_")
    assert (row["scopes"], row["text"]) == (["all"], "summary")
    assert row["atom"] == "http://127.0.0.1:8000/partners/post/stories.atom"
    listed = shell("partners", "list", "--json").row
    assert listed == {name: value for name, value in row.items() if name != "token"}
    assert "secret_hash" not in shell("partners", "list", "--json").out


def test_tokens_are_changed_over_without_a_gap(shell: Shell) -> None:
    first = shell("partners", "add", *POST, "--json").row["tokens"][0]["key"]
    second = shell("partners", "token", "post", "--note", "new server", "--json").row
    assert [one["revoked_at"] for one in second["tokens"]] == [None, None]
    row = shell("partners", "revoke", "post", "--token", first, "--json").row
    assert [one["key"] for one in row["tokens"] if one["revoked_at"]] == [first]
    assert "Revoked: " in shell("partners", "revoke", "post").out
    assert "The Evening Post" in shell("partners", "list").out


def test_what_a_partner_gets_is_changed(shell: Shell) -> None:
    shell("partners", "add", *POST)
    shell("newsletters", "create", "briefing")
    said = shell(
        "partners", "set", "post", "--scopes", "newsletter-briefing,all", "--text", "full",
        "--name", "Post", "--contact", "Ines", "--json",
    )  # fmt: skip
    assert said.row["scopes"] == ["all", "newsletter-briefing"]
    assert (said.row["text"], said.row["name"], said.row["contact"]) == ("full", "Post", "Ines")
    assert "summaries" in shell("partners", "set", "post", "--text", "summary").out


def test_stories_are_pushed_to_a_partner_and_not_any_more(shell: Shell) -> None:
    shell("partners", "add", *POST)
    to = "https://post.example/in"
    said = shell("partners", "push", "post", "--to", to)
    [secret] = [word for word in said.out.split() if word.startswith("whsec_")]
    shown = shell("partners", "show", "post")
    assert to in shown.out
    assert secret not in shown.out
    assert "secret" not in shell("partners", "push", "post", "--to", f"{to}2", "--json").row
    row = shell("partners", "push", "post", "--new-secret", "--json").row
    assert row["secret"] != secret
    assert (row["push"]["url"], row["push"]["waiting"]) == (f"{to}2", 0)
    assert shell("partners", "push", "post", "--off", "--json").row["push"] is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "Post!", *POST[1:]), "cannot name a partner"),
        (("add", *POST, "--scopes", "opera"), "publisher feeds list"),
        (("add", "post", "--name", " ", "--contact", "Ines"), "The name of a partner"),
        (("token", "nobody"), "There is no partner “nobody”"),
        (("show", "nobody"), "There is no partner “nobody”"),
        (("push", "nobody", "--to", "https://a.example"), "There is no partner “nobody”"),
        (("push", "nobody"), "Say --to ADDRESS, --new-secret or --off"),
        (("push", "nobody", "--off", "--new-secret"), "Say either --off"),
        (("revoke", "nobody"), "There is no partner “nobody”"),
        (("set", "nobody", "--text", "full"), "There is no partner “nobody”"),
    ],
    ids=["slug", "scope", "name", "token", "show", "push", "nothing", "both", "revoke", "set"],
)
def test_what_cannot_be_is_refused_in_words(
    shell: Shell, words: tuple[str, ...], reason: str
) -> None:
    said = shell("partners", *words)
    assert said.code == 1
    assert reason in said.err


def test_a_token_is_revoked_once(shell: Shell) -> None:
    key = shell("partners", "add", *POST, "--json").row["tokens"][0]["key"]
    shell("partners", "revoke", "post", "--token", key)
    assert "no such token that is still good" in shell("partners", "revoke", "post").err
    said = shell("partners", "revoke", "post", "--token", "0" * 12)
    assert (said.code, "There is no token" in said.err) == (1, True)


def test_without_partners_the_list_says_how_to_enter_one(shell: Shell) -> None:
    assert "publisher partners add" in shell("partners", "list").out
