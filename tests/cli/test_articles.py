import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.accounts.actor import Actor
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.receive import receive
from publisher.settings import load_settings
from publisher.store import Runtime, open_runtime, utc_now
from tests.cli.conftest import Shell

FERRY = Incoming(
    source="wire",
    external_id="ferry",
    title="Ferry returns to Port Ellery",
    paragraphs=("The ferry is back at Quay Street after nine months. " * 6,),
    body_html="<p>The ferry is back.</p>",
    section="local",
    section_name="Local",
    published_at=datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
)


@pytest.fixture
def newsroom(home: Path) -> Runtime:
    return open_runtime(load_settings())


@pytest.fixture
def publish(newsroom: Runtime) -> Callable[[Incoming], str]:
    def let_out(incoming: Incoming) -> str:
        with newsroom.sessions.begin() as session:
            by = Actor("source", "wire")
            return receive(session, incoming, by=by, now=utc_now()).article.uuid

    return let_out


def test_an_empty_newsroom_says_so(shell: Shell) -> None:
    assert "No articles have come in yet." in shell("articles", "list").out
    assert shell("articles", "list", "--json").rows == []


def test_articles_are_listed_by_state(shell: Shell, publish: Callable[[Incoming], str]) -> None:
    out = publish(FERRY)
    broken = publish(replace(FERRY, external_id="cut", problem="The text is cut short."))
    assert [row["id"] for row in shell("articles", "list", "--json").rows] == [broken, out]
    (only,) = shell("articles", "list", "--state", "quarantined", "--json").rows
    assert (only["id"], only["reason"]) == (broken, "The text is cut short.")


def test_an_article_is_shown_with_what_it_says_and_what_happened(
    shell: Shell, publish: Callable[[Incoming], str]
) -> None:
    uuid = publish(FERRY)
    said = shell("articles", "show", uuid)
    assert "Ferry returns to Port Ellery" in said.out
    assert "2026-03-01 09:00 Europe/Berlin" in said.out
    assert "publish by source wire" in said.out
    assert shell("articles", "show", "ferry", "--json").row["paragraphs"] == list(FERRY.paragraphs)


def test_a_killed_article_may_leave_by_nothing_and_comes_back_through_review(
    shell: Shell, publish: Callable[[Incoming], str]
) -> None:
    uuid = publish(FERRY)
    killed = shell("articles", "kill", uuid, "--reason", "It is another ferry.", "--json").row
    assert (killed["state"], killed["reason"]) == ("killed", "It is another ferry.")
    assert "nothing" in shell("articles", "show", uuid).out
    shell("articles", "restore", uuid, "--reason", "It was the right one.")
    assert "is published now" in shell("articles", "release", uuid).out


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["hold", "ferry", "--reason", "The mayor called."], "on_hold"),
        (["withdraw", "ferry", "--reason", "It is old news."], "withdrawn"),
        (["correct", "ferry", "--note", "It was ten months, not nine."], "published"),
    ],
)
def test_every_act_ends_in_its_state(
    shell: Shell, publish: Callable[[Incoming], str], words: list[str], state: str
) -> None:
    publish(FERRY)
    said = shell("articles", *words, "--json")
    assert (said.code, said.row["state"]) == (0, state)


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["show", "nothing"], 1, "There is no article “nothing”."),
        (["release", "ferry"], 1, "that is possible while it is"),
        (["kill", "ferry", "--reason", " "], 1, "Say why"),
        (["kill", "ferry"], 2, "--reason"),
        (["list", "--state", "lost"], 1, "Choose from: received"),
        (["list", "--limit", "0"], 2, "--limit"),
    ],
)
def test_a_wrong_command_says_what_to_do(
    shell: Shell, publish: Callable[[Incoming], str], words: list[str], code: int, hint: str
) -> None:
    publish(FERRY)
    said = shell("articles", *words)
    assert said.code == code
    assert hint in said.err
    assert said.err.count("\n") == 1


def test_a_refused_act_changes_nothing(shell: Shell, publish: Callable[[Incoming], str]) -> None:
    publish(FERRY)
    shell("articles", "correct", "ferry", "--note", "x" * 501)
    assert shell("articles", "show", "ferry", "--json").row["correction"] is None


def test_whoever_types_is_on_record(
    shell: Shell, publish: Callable[[Incoming], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(FERRY)
    monkeypatch.setenv("LOGNAME", "mara")
    shell("articles", "hold", "ferry", "--reason", "The mayor called.")
    assert "hold by cli mara: The mayor called." in shell("articles", "show", "ferry").out


def test_control_characters_of_a_headline_do_not_reach_the_terminal(
    shell: Shell, publish: Callable[[Incoming], str]
) -> None:
    publish(replace(FERRY, title="Ferry \x1b[31m\x07 [bold]returns"))
    said = shell("articles", "list")
    assert "\x1b" not in said.out
    assert "[bold]returns" in said.out
    assert json.loads(shell("articles", "list", "--json").out)["title"].startswith("Ferry")
