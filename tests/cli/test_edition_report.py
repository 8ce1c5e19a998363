import csv
import io
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from publisher.editions.models import DeliveryRow, DeliveryState
from publisher.settings import load_settings
from publisher.store import open_runtime
from tests.cli.conftest import Shell
from tests.delivery.outcomes import finish, mixed_edition, move
from tests.world import World


@pytest.fixture
def world(home: Path) -> World:
    return World(open_runtime(load_settings()))


@pytest.fixture
def edition(world: World) -> int:
    """An edition that is over, with every kind of outcome."""
    number = mixed_edition(world)
    finish(world, number)
    return number


def test_a_report_says_in_words_what_became_of_it(shell: Shell, edition: int) -> None:
    said = shell("editions", "report", edition)
    assert said.code == 0
    lines = [line.split() for line in said.out.splitlines()]
    assert any(line[0] == "Took" and line[-1] == "s" for line in lines if line)
    assert ["Adds", "up", "yes"] in lines
    assert ["big.example", "3", "2", "1", "0", "0", "0", "0"] in lines
    assert ["refused", "no", "such", "reader", "1"] in lines
    assert ["refused", "550", "1"] in lines
    assert "Market in Port Ellery · Ferry in Port Ellery" in said.out
    assert "@harbour.example>" in said.out
    assert "@big.example" not in said.out


def test_the_printed_report_and_the_file_are_the_same_and_are_genuine(
    program: Shell, edition: int, tmp_path: Path
) -> None:
    printed = program("editions", "report", edition, "--json")
    assert printed.code == 0
    said = program("editions", "report", edition, "--out", "proof.json")
    assert said.out.strip().endswith("publisher editions verify proof.json")
    file = tmp_path / "proof.json"
    assert file.read_text() == printed.out
    assert file.stat().st_mode & 0o777 == 0o600
    checked = program("editions", "verify", "proof.json")
    assert checked.code == 0
    first, second, third = checked.out.splitlines()
    assert first.startswith("Genuine")
    assert "“briefing”, sent: 8 matched, 7 enlisted, 2 accepted" in second
    assert third == "The database still says the same."


def test_an_altered_report_is_found_out(shell: Shell, edition: int, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    shell("editions", "report", edition, "--out", file)
    file.write_text(file.read_text().replace('"accepted":2', '"accepted":3', 1))
    said = shell("editions", "verify", file)
    assert said.code == 1
    assert said.out.startswith("ALTERED")
    assert shell("editions", "verify", file, "--json").row == {
        "finding": "altered",
        "sentence": said.out.strip(),
        "edition": None,
        "same": None,
        "differences": [],
        "erased_since": None,
    }


def test_a_report_of_another_newsroom_is_told(
    shell: Shell, edition: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "proof.json"
    shell("editions", "report", edition, "--out", file)
    monkeypatch.setenv("PUBLISHER_SECRET_KEY", "the key of quite another newsroom")
    said = shell("editions", "verify", file)
    assert said.code == 1
    assert said.out.startswith("SIGNED WITH ANOTHER KEY")


def test_a_genuine_report_that_the_database_denies_is_told(
    shell: Shell, world: World, edition: int, tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    shell("editions", "report", edition, "--out", file)
    with world.runtime.sessions.begin() as session:
        refused = col(DeliveryRow.state) == DeliveryState.REFUSED
        session.execute(sa.update(DeliveryRow).where(refused).values(state=DeliveryState.ACCEPTED))
    said = shell("editions", "verify", file)
    assert said.code == 1
    assert "Genuine" in said.out
    assert "THE DATABASE SAYS OTHERWISE" in said.out
    assert "· Accepted: 2 then, 3 now." in said.out
    row = shell("editions", "verify", file, "--json").row
    assert (row["finding"], row["same"]) == ("genuine", False)
    assert "Refused: 1 then, 0 now." in row["differences"]


def test_a_reader_erased_since_does_not_spoil_a_report(
    shell: Shell, world: World, edition: int, tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    shell("editions", "report", edition, "--out", file)
    with world.runtime.sessions.begin() as session:
        move(session, "ada", None)
    said = shell("editions", "verify", file)
    assert said.code == 0
    assert "One was erased since" in said.out
    assert "still says the same" in said.out


def test_the_table_is_printed_or_written_and_counts_as_the_report_does(
    shell: Shell, edition: int, tmp_path: Path
) -> None:
    printed = shell("editions", "report", edition, "--csv")
    rows = list(csv.DictReader(io.StringIO(printed.out, newline="")))
    assert len(rows) == json.loads(shell("editions", "report", edition, "--json").out)["matched"]
    assert "@big.example" not in printed.out
    file = tmp_path / "readers.csv"
    said = shell("editions", "report", edition, "--csv", "--addresses", "--out", file)
    assert said.code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(newline="") as written:
        assert "ada@big.example" in {row["address"] for row in csv.DictReader(written)}
    row = shell("editions", "report", edition, "--csv", "--out", file, "--json").row
    assert row == {"path": str(file), "bytes": file.stat().st_size}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["report", "1", "--addresses"], "add --csv"),
        (["report", "1", "--csv", "--json"], "leave out --csv or --json"),
        (["report", "1", "--out", "no/such/folder/proof.json"], "cannot be written"),
        (["report", "9", "--out", "lost.json"], "There is no edition “9”."),
        (["verify", "no-such-file"], "cannot be read"),
        (["verify", "."], "cannot be read"),
    ],
)
def test_what_is_not_possible_is_said_in_a_line(
    shell: Shell, edition: int, words: list[str], hint: str
) -> None:
    said = shell("editions", *words)
    assert said.code == 1
    assert hint in said.err
    assert said.err.count("\n") == 1
    assert not Path("lost.json").exists()


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"{}", b"[" * 100_000, b"a,b\r\n1,2\r\n"])
def test_what_is_no_report_at_all_is_said(shell: Shell, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "something"
    file.write_bytes(content)
    said = shell("editions", "verify", file)
    assert said.code == 1
    assert "no signed report" in said.out
