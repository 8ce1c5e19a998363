import csv
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


@pytest.fixture
def briefing(shell: Shell) -> str:
    said = shell(
        "newsletters", "create", "briefing", "--sections", "local,sport", "--cadence",
        "daily,weekly", "--hour", "6", "--zone", "Europe/Lisbon",
    )  # fmt: skip
    assert said.code == 0
    return "briefing"


def test_a_newsletter_needs_only_a_name_of_its_own(shell: Shell) -> None:
    row = shell("newsletters", "create", "morning-briefing", "--json").row
    assert row["name"] == "Morning Briefing"
    assert row["sender_name"] == "The Harbour Record"
    assert (row["zone"], row["cadences"]) == ("Europe/Berlin", ["daily"])


def test_a_newsletter_with_a_signing_key_of_its_own_leads_to_the_doctor(shell: Shell) -> None:
    words = ("newsletters", "create", "tides", "--sender-address", "tides@harbour.example")
    said = shell(*words, "--dkim-domain", "harbour.example", "--dkim-selector", "tide")
    assert (said.code, said.out.splitlines()[-1].strip()) == (0, "publisher doctor")
    assert "tide of harbour.example" in shell("newsletters", "show", "tides").out


def test_newsletters_are_listed_and_shown(shell: Shell, briefing: str) -> None:
    assert (
        shell("newsletters", "list", "--json").row
        == shell("newsletters", "show", briefing, "--json").row
    )
    said = shell("newsletters", "show", briefing).out
    assert "daily at 06:00 Europe/Lisbon and weekly on Monday at 06:00 Europe/Lisbon" in said


def test_a_subscriber_is_added_shown_and_listed(shell: Shell, briefing: str) -> None:
    added = shell(
        "subscribers", "add", "Ines@Harbour.Example", "--newsletter", briefing, "--cadence",
        "weekly", "--sections", "sport", "--name", "Inês", "--proof", "asked by phone", "--json",
    ).row  # fmt: skip
    assert added["address"] == "Ines@harbour.example"
    assert added["subscriptions"][0]["sections"] == ["sport"]
    assert shell("subscribers", "show", "ines@harbour.example", "--json").row == added
    assert shell("subscribers", "list", "--newsletter", briefing, "--json").rows == [added]
    assert "active, weekly, sport" in shell("subscribers", "show", added["id"]).out


def test_subscribers_are_exported_as_a_table_that_runs_no_formula(
    shell: Shell, briefing: str, tmp_path: Path
) -> None:
    words = ("subscribers", "add", "tom@harbour.example", "--newsletter", briefing)
    shell(*words, "--name", "=HYPERLINK(1)")
    file = tmp_path / "readers.csv"
    assert shell("subscribers", "export", file).code == 0
    with file.open(encoding="utf-8", newline="") as lines:
        (only,) = csv.DictReader(lines)
    assert (only["address"], only["name"]) == ("tom@harbour.example", "'=HYPERLINK(1)")
    assert shell("subscribers", "export").out == file.read_bytes().decode()
    assert shell("subscribers", "export", "--json").row == only


def test_an_exported_file_is_for_its_owner_alone(
    shell: Shell, briefing: str, tmp_path: Path
) -> None:
    file = tmp_path / "readers.csv"
    shell("subscribers", "export", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["newsletters", "create", "Morning Briefing"], "like “morning-briefing”"),
        (["newsletters", "create", "late", "--hour", "24"], "The hour must be 0 to 23"),
        (["newsletters", "create", "late", "--zone", "Mars/Olympus"], "is not a time zone"),
        (["newsletters", "create", "late", "--cadence", "hourly"], "daily, weekly"),
        (["newsletters", "create", "late", "--sender-address", "news"], "cannot be mailed"),
        (["newsletters", "create", "briefing"], "There is a newsletter “briefing” already"),
        (["newsletters", "show", "nothing"], "There is no newsletter “nothing”."),
        (["subscribers", "add", "no address", "--newsletter", "briefing"], "cannot be mailed"),
        (["subscribers", "add", "a@b.example", "--newsletter", "none"], "There is no newsletter"),
        (["subscribers", "add", "a@b.example", "--newsletter", ","], "at least one newsletter"),
        (["subscribers", "show", "nobody@harbour.example"], "There is no subscriber"),
        (["subscribers", "list", "--newsletter", "none"], "There is no newsletter “none”."),
        (["subscribers", "export", "no/such/folder/x.csv"], "cannot be written"),
    ],
)
def test_a_wrong_command_says_what_to_do(
    shell: Shell, briefing: str, words: list[str], hint: str
) -> None:
    said = shell(*words)
    assert said.code == 1
    assert hint in said.err
