import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

STORY = """PORT ELLERY — The ferry is back at the old pier on Quay Street after nine months, and the
first cars rolled on board this morning while the band of the harbour school played in the rain.
"""
KEYS = (
    "id", "state", "reason", "source", "external_id", "version", "section", "title", "slug",
    "dateline", "credit", "byline", "published_at", "url", "unparsed_head", "comments", "related",
    "word_count", "reading_minutes", "paragraphs",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inbox = tmp_path / "articles"
    inbox.mkdir()
    for name in ("ferry", "pier"):
        text = f"---\ntitle: The {name} is back\nsection: Local\n---\n\n{STORY}"
        (inbox / f"{name}.md").write_text(text, encoding="utf-8")
    return inbox


def test_files_and_folders_are_taken_in(shell: Shell, folder: Path) -> None:
    said = shell("pickup", folder)
    assert said.code == 0
    assert "“The ferry is back”" in said.out
    assert said.out.endswith("2 taken in.\n")
    titles = {row["title"] for row in shell("articles", "list", "--json").rows}
    assert titles == {"The ferry is back", "The pier is back"}


def test_every_object_has_the_promised_keys_in_order(shell: Shell, folder: Path) -> None:
    (folder / "cut.md").write_text("---\ntitle: Cut\n---\n\nShort.\n", encoding="utf-8")
    rows = shell("pickup", folder, "nowhere.md", "--json").rows
    assert [row["state"] for row in rows] == ["quarantined", "published", "published", "skipped"]
    assert {tuple(row) for row in rows} == {KEYS}


def test_the_same_file_twice_is_one_article(shell: Shell, folder: Path) -> None:
    first = shell("pickup", folder / "ferry.md", "--json").row
    again = shell("pickup", folder / "ferry.md")
    assert (again.code, "nothing new" in again.out) == (0, True)
    assert shell("articles", "list", "--json").row["id"] == first["id"]


def test_a_bad_file_stops_no_other_and_is_said(shell: Shell, folder: Path) -> None:
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 50)
    (folder / "empty.md").touch()
    (folder / "notes.png").write_bytes(b"\x89PNG")
    said = shell("pickup", folder)
    assert said.code == 1
    assert said.out.endswith("2 taken in, 2 could not be used.\n")
    assert "skipped" in said.out


def test_what_is_not_there_leaves_no_row_behind(shell: Shell, folder: Path) -> None:
    said = shell("pickup", folder / "nothing.md", folder / "pier.md")
    assert said.code == 1
    assert "There is no such file or folder." in said.out
    assert len(shell("articles", "list", "--json").rows) == 1


def test_a_named_file_that_is_no_article_is_an_error(shell: Shell, folder: Path) -> None:
    (folder / "notes.png").write_bytes(b"\x89PNG")
    assert shell("pickup", folder / "notes.png").code == 1
    assert shell("pickup", folder).code == 0


def test_what_is_picked_up_is_mailed(shell: Shell, folder: Path) -> None:
    shell("pickup", folder)
    shell("newsletters", "create", "briefing")
    shell("subscribers", "add", "ines@harbour.example", "--newsletter", "briefing")
    assert shell("editions", "create", "--newsletter", "briefing", "--json").code == 0


def test_the_sample_article_comes_out_exactly_as_expected(
    shell: Shell, shared_fixtures: Path
) -> None:
    (sample,) = shared_fixtures.glob("*.expected.json")
    expected = json.loads(sample.read_text(encoding="utf-8"))
    row = shell("pickup", Path(str(sample).replace(".expected.json", ".txt")), "--json").row
    shared = set(row) & set(expected)
    assert {key: row[key] for key in shared} == {key: expected[key] for key in shared}
    assert len(shared) > 10
