"""Puts documents up: each is there whole, under its name, with its date, or not at all."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher.feeds.files import file_name

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Staged:
    """Documents of a feed that differ from what is up, written beside it; `files`: from, to."""

    folder: Path
    files: tuple[tuple[Path, Path], ...]

    def swap(self, now: datetime, last_change: datetime | None) -> datetime | None:
        """Put them up; their Last-Modified, or None where nothing differs.

        It is `now` in whole seconds, or a second after the last change if that is later: it moves
        with every change and never backwards.
        """
        if not self.files:
            return None
        before = [_changed_at(target) for _, target in self.files]
        latest = max(filter(None, [last_change, *before]), default=None)
        changed_at = now.replace(microsecond=0)
        if latest is not None:
            changed_at = max(changed_at, latest + _SECOND)
        for source, target in self.files:
            os.utime(source, (changed_at.timestamp(), changed_at.timestamp()))
            source.replace(target)
        _sync(self.folder)
        return changed_at

    def discard(self) -> None:
        """Throw them away."""
        for source, _ in self.files:
            source.unlink(missing_ok=True)


def stage(folder: Path, slug: str, documents: Mapping[str, bytes]) -> Staged:
    """Write those documents that differ from the files that are up; nothing is visible yet."""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder, slug)
    files = []
    for fmt, document in documents.items():
        target = folder / file_name(slug, fmt)
        if not _holds(target, document):
            files.append(
                (_write(folder / f".{target.name}.{secrets.token_hex(4)}", document), target)
            )
    return Staged(folder, tuple(files))


def _sweep(folder: Path, slug: str) -> None:
    """Remove what a builder that died left behind."""
    for leftover in folder.glob(f".{slug}.*.*"):
        leftover.unlink(missing_ok=True)


def _holds(path: Path, document: bytes) -> bool:
    try:
        return path.read_bytes() == document
    except FileNotFoundError:
        return False


def _write(path: Path, document: bytes) -> Path:
    with path.open("wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    return path


def _changed_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    """A rename is safe from a power cut only when its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
