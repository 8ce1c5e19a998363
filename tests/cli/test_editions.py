from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.editions.enlist import enlist
from publisher.settings import load_settings
from publisher.store import open_runtime
from tests.cli.conftest import Shell
from tests.world import World

FAR = "2031-03-10 07:30"


@pytest.fixture
def world(home: Path) -> World:
    made = World(open_runtime(load_settings()))
    made.newsletter("briefing", zone="Europe/Lisbon")
    made.reader("ines")
    return made


def test_a_draft_is_made_scheduled_cancelled_and_sent(shell: Shell, world: World) -> None:
    story = world.story("ferry")
    draft = shell(
        "editions", "create", "--newsletter", "briefing", "--stories", story, "--subject",
        "The ferry is back", "--json",
    ).row  # fmt: skip
    assert (draft["state"], draft["kind"], draft["stories"]) == ("draft", "special", [story])
    number = draft["id"]
    said = shell("editions", "schedule", number, "--at", FAR)
    assert said.out.rstrip().endswith(f"is scheduled for {FAR} Europe/Lisbon.")
    assert shell("editions", "cancel", number, "--json").row["state"] == "draft"
    sent = shell("editions", "send", number, "--hold", "2", "--json").row
    assert sent["state"] == "holding"
    assert shell("editions", "list", "--state", "holding", "--json").row == sent
    assert "Special" not in shell("editions", "show", draft["uuid"]).err


def test_a_time_without_a_zone_is_on_the_newsletters_clocks(shell: Shell, world: World) -> None:
    words = ("editions", "create", "--newsletter", "briefing", "--json", "--at")
    lisbon = shell(*words, "2031-07-10 07:30").row
    assert datetime.fromisoformat(lisbon["due_at"]) == datetime(2031, 7, 10, 6, 30, tzinfo=UTC)
    tokyo = shell(*words, "2031-07-10 07:30", "--zone", "Asia/Tokyo").row
    assert datetime.fromisoformat(tokyo["due_at"]) == datetime(2031, 7, 9, 22, 30, tzinfo=UTC)


def test_an_edition_that_is_going_out_is_paused_resumed_and_stopped(
    shell: Shell, world: World
) -> None:
    world.story("ferry")
    number = world.digest()
    assert shell("editions", "pause", number, "--json").row["state"] == "paused"
    assert shell("editions", "resume", number, "--json").row["state"] == "sending"
    assert "is stopped" in shell("editions", "stop", number).out
    assert shell("editions", "report", number, "--json").row["withdrawn"] == {"stopped": 1}


def test_a_report_counts_everybody_and_adds_up(shell: Shell, world: World) -> None:
    world.reader("tom", sections=["sport"])
    world.story("ferry", "local")
    number = world.digest()
    sums = {
        "matched": 2,
        "excluded": {"nothing_new": 1},
        "enlisted": 1,
        "queued": 1,
        "accepted": 0,
        "refused": 0,
        "deferred": 0,
        "uncertain": 0,
        "withdrawn": {},
        "adds_up": True,
    }
    assert sums.items() <= shell("editions", "report", number, "--json").row.items()
    assert ["Adds", "up", "yes"] in map(
        str.split, shell("editions", "report", number).out.splitlines()
    )


def test_why_says_what_became_of_one_reader(shell: Shell, world: World) -> None:
    world.reader("tom", sections=["sport"])
    world.story("ferry", "local")
    number = world.digest()
    assert "waiting to be sent" in shell("why", "ines@reader.example", number).out
    assert "Ferry in Port Ellery" in shell("why", "ines@reader.example", number).out
    row = shell("why", "tom@reader.example", number, "--json").row
    assert (row["state"], row["reason"]) == ("excluded", "nothing_new")
    assert "Nobody with this address" in shell("why", "nobody@reader.example", number).out


def test_sending_at_once_starts_at_once(shell: Shell, world: World) -> None:
    world.story("ferry")
    draft = shell("editions", "create", "--newsletter", "briefing", "--json").row
    shell("editions", "send", draft["id"])
    with world.runtime.sessions.begin() as session:
        enlist(session, draft["id"], world.now)
    assert shell("editions", "show", draft["id"], "--json").row["state"] == "sending"


def test_a_digest_is_made_and_sent_in_one_go(shell: Shell, world: World) -> None:
    world.story("ferry")
    made = shell("editions", "create", "--newsletter", "briefing", "--send", "--json").row
    with world.runtime.sessions.begin() as session:
        enlist(session, made["id"], world.now)
    assert shell("editions", "show", made["id"], "--json").row["state"] == "sending"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["create", "--newsletter", "nothing"], "There is no newsletter “nothing”."),
        (["create", "--newsletter", "briefing", "--stories", "lost"], "There is no article"),
        (["create", "--newsletter", "briefing", "--stories", ","], "at least one story"),
        (["create", "--newsletter", "briefing", "--at", "2020-01-01 07:00"], "has passed"),
        (["create", "--newsletter", "briefing", "--at", "soon"], "YYYY-MM-DD HH:MM"),
        (["create", "--newsletter", "briefing", "--at", FAR, "--zone", "Lisbn"], "Lisbon"),
        (["create", "--newsletter", "briefing", "--at", "2031-03-30 01:30"], "does not exist"),
        (["create", "--newsletter", "briefing", "--at", "2031-10-26 01:30"], "exists twice"),
        (["create", "--newsletter", "briefing", "--cadence", "hourly"], "it has: daily, weekly"),
        (["create", "--newsletter", "briefing", "--at", FAR, "--send"], "leave out --at or"),
        (["show", "1"], "There is no edition “1”."),
        (["show", "../1"], "There is no edition"),
        (["report", "00000000"], "There is no edition"),
        (["pause", "99"], "There is no edition “99”."),
        (["list", "--state", "lost"], "Choose from: draft"),
        (["list", "--newsletter", "nothing"], "There is no newsletter"),
    ],
)
def test_a_wrong_command_says_what_to_do(
    shell: Shell, world: World, words: list[str], hint: str
) -> None:
    said = shell("editions", *words)
    assert said.code == 1
    assert hint in said.err
    assert said.err.count("\n") == 1


def test_an_act_that_is_not_possible_now_says_when_it_is(shell: Shell, world: World) -> None:
    draft = shell("editions", "create", "--newsletter", "briefing", "--json").row
    said = shell("editions", "pause", draft["id"])
    assert said.code == 1
    assert "only while it is sending" in said.err
