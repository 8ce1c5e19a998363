import json
import sys
from pathlib import Path

import feedparser
import pytest

from tests.cli.conftest import Shell

STORY = """---
title: Ferry returns to Port Ellery
section: Local
author: Mara Ellis
---

The ferry is back at the old pier on Quay Street after nine months in the yard, and the first
cars rolled on board this morning while the band of the harbour school played in the rain.

{{ braces }} and <script>alert(1)</script> are only text to us, as they are to every reader of it.
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    file = tmp_path / "ferry.md"
    file.write_text(STORY, encoding="utf-8")
    return file


def test_an_article_is_shown_as_a_mail_and_in_every_feed(
    program: Shell, story: Path, tmp_path: Path
) -> None:
    said = program("preview", story, "--output", tmp_path / "out", "--no-open")
    assert (said.code, said.err) == (0, "")
    out = tmp_path / "out"
    assert "Ferry returns to Port Ellery" in (out / "mail.html").read_text()
    assert "Ferry returns to Port Ellery" in (out / "mail.txt").read_text()
    for name in ("rss", "atom"):
        (entry,) = feedparser.parse((out / f"feed.{name}").read_bytes()).entries
        assert entry.title == "Ferry returns to Port Ellery"
    assert len(json.loads((out / "feed.json").read_text())["items"]) == 1
    assert "<script" not in (out / "index.html").read_text()


def test_a_preview_needs_no_database_and_leaves_no_home_behind(
    program: Shell, story: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    row = program(
        "preview",
        story,
        "--json",
        settings={"PUBLISHER_HOME": str(elsewhere), "TMPDIR": str(tmp_path)},
    ).row
    assert Path(row["index.html"]).is_file()
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("empty.txt", b"", "empty.txt: "),
        ("binary.txt", bytes(range(256)) * 40, "binary.txt: "),
        ("short.md", b"---\ntitle: Ferry\n---\n\nToo short.\n", "cut short"),
        ("broken.md", b"---\ntitle: [\n---\n\ntext\n", "broken.md: "),
        ("picture.png", b"\x89PNG", "its name must end in"),
        ("huge.txt", b"word " * 1_200_000, "at most 5 MB"),
    ],
)
def test_what_is_no_article_is_refused_with_a_reason(
    shell: Shell, tmp_path: Path, name: str, content: bytes, hint: str
) -> None:
    (tmp_path / name).write_bytes(content)
    said = shell("preview", tmp_path / name, "--no-open")
    assert said.code == 1
    assert hint in said.err


def test_a_missing_file_a_folder_and_a_link_out_of_it_are_refused(
    shell: Shell, tmp_path: Path
) -> None:
    assert "is no file" in shell("preview", tmp_path / "nothing.md").err
    assert "is a folder" in shell("preview", tmp_path).err
    (tmp_path / "link.md").symlink_to("/etc/hostname")
    assert shell("preview", tmp_path / "link.md").code == 1


def test_a_preview_that_cannot_be_written_says_so(
    shell: Shell, story: Path, tmp_path: Path
) -> None:
    said = shell("preview", story, "--output", story, "--no-open")
    assert said.code == 1
    assert "--output DIR" in said.err


def test_the_same_file_gives_the_same_preview(program: Shell, story: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        program("preview", story, "--output", tmp_path / name, "--no-open")
    one, two = ((tmp_path / name / "mail.html").read_bytes() for name in ("one", "two"))
    assert one == two
    assert sys.getsizeof(one) < 80_000
