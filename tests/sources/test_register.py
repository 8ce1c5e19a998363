"""Adding sources: what cannot be watched is refused with what to do."""

import os
from pathlib import Path

import pytest

from publisher.accounts.models import AuditRow
from publisher.errors import InvalidInputError, NotFoundError, RefusedError
from publisher.sources.register import NewFolder, add_folder, find_source, list_sources
from tests.sources.folder import EDITOR, Watched


def add(watched: Watched, slug: str = "wire", folder: Path | None = None, **choice: str) -> None:
    with watched.runtime.sessions.begin() as session:
        new = NewFolder(slug, folder or watched.folder, **choice)  # type: ignore[arg-type]
        add_folder(session, new, by=EDITOR, now=watched.clock.now)


def test_a_folder_is_watched_by_its_full_path_and_written_down(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(watched.folder.parent)
    add(watched, folder=Path("inbox"), language="pt_BR", zone="America/Sao_Paulo")
    with watched.runtime.sessions.read() as session:
        (row,) = list_sources(session)
        assert find_source(session, "wire").location == str(watched.folder.resolve())
        assert session.get_one(AuditRow, 1).action == "source.add"
    assert (row.language, row.zone, row.trust) == ("pt-BR", "America/Sao_Paulo", "auto")


@pytest.mark.parametrize("slug", ["", "Wire", "a--b", "-a", "a" * 65, "a b", "a/b", "wire\n", "ü"])
def test_a_slug_that_is_none_is_refused(watched: Watched, slug: str) -> None:
    with pytest.raises(InvalidInputError, match="a-z, 0-9"):
        add(watched, slug)


@pytest.mark.parametrize("language", ["", "english please", "x" * 40, "e\x00n"])
def test_a_language_that_is_none_is_refused(watched: Watched, language: str) -> None:
    with pytest.raises(InvalidInputError, match="not a language"):
        add(watched, language=language)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "CEST"])
def test_a_zone_that_is_none_is_refused(watched: Watched, zone: str) -> None:
    with pytest.raises(InvalidInputError, match="time zone"):
        add(watched, zone=zone)


def test_a_folder_that_is_not_there_or_is_a_file_is_refused(watched: Watched) -> None:
    file = watched.write("ferry.md")
    for folder in (watched.folder / "gone", file):
        with pytest.raises(InvalidInputError, match="cannot be watched"):
            add(watched, folder=folder)


def test_a_folder_whose_name_cannot_be_stored_is_refused(watched: Watched) -> None:
    folder = Path(os.fsdecode(os.fsencode(watched.folder) + b"/caf\xe9"))
    folder.mkdir()
    with pytest.raises(InvalidInputError, match="UTF-8"):
        add(watched, folder=folder)


def test_a_slug_and_a_folder_are_taken_once(watched: Watched) -> None:
    other = watched.folder.parent / "other"
    other.mkdir()
    add(watched)
    for slug, folder in (("wire", other), ("second", watched.folder), ("pickup", other)):
        with pytest.raises(RefusedError):
            add(watched, slug, folder)


def test_a_source_that_is_not_known_is_not_found(watched: Watched) -> None:
    with watched.runtime.sessions.read() as session, pytest.raises(NotFoundError):
        find_source(session, "nowhere")
