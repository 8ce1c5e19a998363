"""Files of a folder: whatever lies there, no file stops the others."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.newsroom.incoming import Incoming
from publisher.sources.files import SkippedFile, article_files, external_id_of
from publisher.sources.readers import read_file
from tests.sources.dumps import PARAGRAPHS, dump

MARKDOWN = f"---\ntitle: Ferry returns\n---\n{' '.join(PARAGRAPHS)}"


def read(path: Path, root: Path | None = None) -> Incoming | SkippedFile:
    return read_file(path, source="folder", root=root or path.parent, language="en", zone=UTC)


def problem(path: Path) -> str:
    result = read(path)
    assert isinstance(result, Incoming)
    return result.problem or ""


def reason(path: Path, root: Path | None = None) -> str:
    result = read(path, root)
    assert isinstance(result, SkippedFile)
    return result.reason


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ferry.txt", dump()),
        ("ferry.TXT", dump()),
        ("ferry.md", MARKDOWN),
        ("ferry.markdown", MARKDOWN),
        ("front matter.txt", MARKDOWN),
        (
            "ferry.html",
            f"<html><body><h1>Ferry</h1><p>{'</p><p>'.join(PARAGRAPHS)}</p></body></html>",
        ),
    ],
)
def test_each_kind_of_file_has_its_reader(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    article = read(path)
    assert isinstance(article, Incoming)
    assert article.problem is None
    assert article.external_id == path.stem


def test_a_file_orders_its_versions_by_when_it_was_written_and_is_not_dated_by_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ferry.txt"
    path.write_text(dump(), encoding="utf-8")
    os.utime(path, (1_790_000_000, 1_790_000_000))
    article = read(path)
    assert isinstance(article, Incoming)
    assert article.version_at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert article.published_at is None


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "empty"),
        (b"\0\1\2\3" * 100, "binary"),
        (b"%PDF-1.7", "PDF"),
        (dump().encode()[:-400], "sentence"),
        (dump().encode() + b"\xe2\x80", "broken at byte"),
        (b"---\ntitle: a: b\n---\n", "front matter"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, raw: bytes, word: str) -> None:
    path = tmp_path / "ferry.txt"
    path.write_bytes(raw)
    assert word in problem(path)


def test_a_file_of_fifty_megabytes_is_not_read_in(tmp_path: Path) -> None:
    path = tmp_path / "ferry.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    assert "50 MB" in problem(path)


def test_a_file_that_is_gone_is_no_article(tmp_path: Path) -> None:
    assert "no such file" in reason(tmp_path / "gone.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "ferry.txt"
    path.write_text(dump(), encoding="utf-8")
    path.chmod(0)
    assert "permission denied" in problem(path)


def test_a_link_out_of_the_folder_is_skipped(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (tmp_path / "secret.txt").write_text(dump(), encoding="utf-8")
    (inbox / "link.txt").symlink_to(tmp_path / "secret.txt")
    (inbox / "folder").symlink_to(tmp_path)
    assert "out of the folder" in reason(inbox / "link.txt")
    assert "out of the folder" in reason(inbox / "folder" / "secret.txt", inbox)


def test_a_link_within_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(dump(), encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("ferry.txt")
    assert problem(tmp_path / "link.txt") == ""


def test_links_that_lead_nowhere_or_in_a_circle_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to("nothing.txt")
    (tmp_path / "circle.txt").symlink_to("circle.txt")
    assert "nowhere" in reason(tmp_path / "gone.txt")
    assert "nowhere" in reason(tmp_path / "circle.txt")


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "not a file" in reason(tmp_path / "pipe.txt")


def test_other_kinds_of_files_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "folder.txt").mkdir()
    assert ".txt" in reason(tmp_path / "picture.jpg")
    assert "not a file" in reason(tmp_path / "folder.txt")


@pytest.mark.parametrize("name", [".ferry.txt", "ferry.txt~", "ferry.txt.part", "ferry.txt.tmp"])
def test_hidden_and_unfinished_files_are_ignored(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(dump(), encoding="utf-8")
    assert list(article_files(tmp_path)) == []
    assert "temporary" in reason(tmp_path / name)


def test_a_folder_is_walked_in_stable_order_without_following_links(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    for name in ("b/2.txt", "b/1.txt", "a.md", ".git/x.txt"):
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_text("x", encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "y.txt").write_text("x", encoding="utf-8")
    (inbox / "out").symlink_to(tmp_path / "other")
    names = [path.relative_to(inbox).as_posix() for path in article_files(inbox)]
    assert names == ["a.md", "b/1.txt", "b/2.txt"]


def test_the_path_below_the_root_without_suffix_is_the_identity(tmp_path: Path) -> None:
    assert external_id_of(tmp_path / "news" / "ferry.v2.txt", tmp_path) == "news/ferry.v2"


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("Fa\u0308hre.txt", "F\u00e4hre"),
        ("100%.txt", "100%25"),
        ("two\nlines.txt", "two%0Alines"),
        ("\udcff.txt", "%FF"),
        ("' OR 1=1 --.txt", "' OR 1=1 --"),
    ],
)
def test_odd_names_give_identities_that_can_be_stored(
    tmp_path: Path, name: str, identity: str
) -> None:
    path = tmp_path / name
    path.write_text(dump(), encoding="utf-8")
    article = read(path)
    assert isinstance(article, Incoming)
    assert article.external_id == identity
    assert article.problem is None


def test_the_id_of_the_front_matter_wins(tmp_path: Path) -> None:
    path = tmp_path / "renamed.md"
    path.write_text(MARKDOWN.replace("---\n", "---\nid: ferry-1\n", 1), encoding="utf-8")
    article = read(path)
    assert isinstance(article, Incoming)
    assert article.external_id == "ferry-1"
