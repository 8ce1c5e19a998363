"""Whatever else lies in the folder: good articles come in, and bad files say why they do not."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from publisher.newsroom.models import ArticleState as S
from tests.sources.dumps import PARAGRAPHS
from tests.sources.folder import Watched, markdown

Put = Callable[[Watched], object]


@dataclass(frozen=True)
class Bad:
    """Something that cannot be used: what puts it there, and what the desk is told."""

    name: str
    put: Put
    says: str
    state: S | None = None


def _fifty_megabytes(watched: Watched) -> None:
    with (watched.folder / "bad.md").open("wb") as file:
        file.truncate(50_000_000)


def _link_out(watched: Watched) -> None:
    secret = watched.folder.parent / "secret.md"
    secret.write_text(markdown("Secret"), encoding="utf-8")
    (watched.folder / "bad.md").symlink_to(secret)


def _text(content: str | bytes) -> Put:
    return lambda watched: watched.write("bad.md", content)


BADS = [
    Bad("empty", _text(b""), "empty", S.QUARANTINED),
    Bad("blank", _text(b" \n\n "), "empty", S.QUARANTINED),
    Bad("binary", _text(bytes(range(256)) * 40), "binary", S.QUARANTINED),
    Bad("picture", _text(b"\x89PNG\r\n\x1a\n" + b"\0" * 100), "PNG", S.QUARANTINED),
    Bad("fifty megabytes", _fifty_megabytes, "50 MB", S.QUARANTINED),
    Bad("broken front matter", _text("---\ntitle: a: b\n---\ntext"), "front matter", S.QUARANTINED),
    Bad("front matter never closed", _text("---\ntitle: a\n"), "not closed", S.QUARANTINED),
    Bad("hostile YAML", _text("---\n!!python/object:os.system {}\n---\nx"), "", S.QUARANTINED),
    Bad("unknown status", _text(markdown(status="bananas")), "bananas", S.QUARANTINED),
    Bad("cut within a letter", _text(markdown().encode() + b"\xe2\x80"), "broken", S.QUARANTINED),
    Bad("endless headline", _text(markdown("x" * 9000)), "at most 500", S.QUARANTINED),
    Bad("link out", _link_out, "out of the folder"),
    Bad("link to nowhere", lambda w: (w.folder / "bad.md").symlink_to("gone"), "nowhere"),
    Bad("link to itself", lambda w: (w.folder / "bad.md").symlink_to("bad.md"), "nowhere"),
    Bad("pipe", lambda w: os.mkfifo(w.folder / "bad.md"), "not a file"),
]


@pytest.mark.parametrize("bad", BADS, ids=lambda bad: bad.name)
def test_a_bad_file_says_why_and_harms_no_neighbour(watched: Watched, bad: Bad) -> None:
    watched.watch(baseline=False)
    watched.write("a.md")
    watched.write("z.md")
    bad.put(watched)
    assert watched.settle() == 3
    states = watched.states()
    assert (states.pop("a"), states.pop("z")) == (S.PUBLISHED, S.PUBLISHED)
    assert states.get("bad") == bad.state
    assert bad.says in watched.problems()["bad.md"]
    assert watched.source().problem is None
    assert watched.look() == 0


@pytest.mark.parametrize("broken", [b"", bytes(range(256)) * 40, b"---\ntitle: a: b\n---\n"])
def test_a_file_that_breaks_keeps_its_last_good_version(watched: Watched, broken: bytes) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md")
    watched.settle()
    watched.write("ferry.md", broken)
    watched.settle()
    article = watched.articles()["ferry"]
    assert (article.state, article.version) == (S.PUBLISHED, 1)
    assert article.reason == watched.problems()["ferry.md"]
    watched.write("ferry.md")
    watched.settle()
    assert (watched.articles()["ferry"].reason, watched.problems()) == (None, {})


def test_a_mended_file_is_published(watched: Watched) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md", "---\ntitle: a: b\n---\n")
    watched.settle()
    watched.write("ferry.md")
    watched.settle()
    assert watched.states() == {"ferry": S.PUBLISHED}


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8-sig", "utf-16"])
def test_old_encodings_are_read(watched: Watched, encoding: str) -> None:
    text = markdown("Café do porto reabre", language="pt")
    if encoding == "latin-1":
        text = text.replace("“", '"').replace("”", '"').replace("’", "'")
    watched.watch(baseline=False)
    watched.write("café.md", text.encode(encoding))
    watched.settle()
    (article,) = watched.articles().values()
    assert (article.state, article.language) == (S.PUBLISHED, "pt")


NAMES = ["two\nlines.md", "\u26f4\ufe0f ferry.md", b"caf\xe9.md", b"\xff\xfe.md", "a\\udcff.md",
         "' OR 1=1 --.md", "%00.md", "-rf.md", "\u202egnp.md", "x" * 250 + ".md"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_odd_names_come_in_like_others(watched: Watched, name: str | bytes) -> None:
    watched.watch(baseline=False)
    path = os.path.join(os.fsencode(watched.folder), os.fsencode(name))  # noqa: PTH118 - bytes
    Path(os.fsdecode(path)).write_text(markdown(), encoding="utf-8")
    assert watched.settle() == 1
    (article,) = watched.articles().values()
    assert article.state == S.PUBLISHED
    assert article.external_id.isprintable()
    assert watched.look() == 0


def test_names_that_print_alike_stay_two_files(watched: Watched) -> None:
    watched.watch(baseline=False)
    for name in (b"\xff.md", b"\\udcff.md", b"%FF.md"):
        Path(os.fsdecode(os.path.join(os.fsencode(watched.folder), name))).write_text(  # noqa: PTH118
            markdown(), encoding="utf-8"
        )
    assert watched.settle() == 3
    assert len(watched.articles()) == 3


def test_folders_deeper_than_a_column_is_wide_are_read(watched: Watched) -> None:
    watched.watch(baseline=False)
    for last in "ab":
        watched.write("/".join(["d" * 200] * 6) + f"/{last}.md")
    assert watched.settle() == 2
    assert len(watched.articles()) == 2
    assert all(len(path) <= 1024 for path in watched.files())


def test_a_folder_that_looks_like_an_article_is_a_folder(watched: Watched) -> None:
    watched.watch(baseline=False)
    watched.write("ferry.md/inside.md")
    assert watched.settle() == 1
    assert watched.states() == {"ferry.md/inside": S.PUBLISHED}


def test_hidden_and_unfinished_files_are_not_even_noted(watched: Watched) -> None:
    watched.watch(baseline=False)
    for name in (".ferry.md", "ferry.md~", "ferry.md.part", ".git/ferry.md"):
        watched.write(name)
    assert watched.settle() == 0
    assert watched.files() == {}


def test_a_folder_linked_from_elsewhere_is_not_entered(watched: Watched) -> None:
    watched.watch(baseline=False)
    other = watched.folder.parent / "other"
    other.mkdir()
    (other / "secret.md").write_text(markdown(), encoding="utf-8")
    (watched.folder / "link").symlink_to(other)
    assert (watched.settle(), watched.states()) == (0, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_becomes_readable_is_read(watched: Watched) -> None:
    watched.watch(baseline=False)
    path = watched.write("ferry.md")
    path.chmod(0)
    watched.settle()
    assert "permission denied" in watched.problems()["ferry.md"]
    path.chmod(0o644)
    watched.settle()
    assert watched.states() == {"ferry": S.PUBLISHED}


def test_a_change_of_permissions_alone_is_looked_at_again(watched: Watched) -> None:
    watched.watch(baseline=False)
    path = watched.write("ferry.md")
    watched.settle()
    path.chmod(0o600)
    assert watched.settle() == 1
    assert watched.articles()["ferry"].version == 1


def test_a_file_written_by_another_program_bit_by_bit_comes_in_once_and_whole(
    watched: Watched,
) -> None:
    watched.watch(baseline=False)
    script = f"printf '%s\\n' '---' 'title: Ferry' '---' > {watched.folder}/ferry.md"
    subprocess.run(["sh", "-c", script], check=True)
    watched.look()
    for paragraph in PARAGRAPHS:
        with (watched.folder / "ferry.md").open("a", encoding="utf-8") as file:
            file.write(f"{paragraph}\n\n")
        assert watched.look() == 0
    assert watched.look() == 1
    article = watched.articles()["ferry"]
    assert (article.state, article.version) == (S.PUBLISHED, 1)
