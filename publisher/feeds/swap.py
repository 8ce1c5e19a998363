"""Puts documents up: each is there whole, under its name, with its date, or not at all.

A document's compressed files are exchanged before the plain one, all with the same time. Whoever
serves them itself (nginx) sends for a moment an older one with its own validators, never a mixture;
`files` takes a compressed file only beside the plain one of its time. A builder that dies half-way
is found by the plain file, which is still the old one.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher.feeds.compress import SUFFIXES, encodings

STAGED = ".staged"  # beside the documents, so that a rename puts them up
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Staged:
    """Documents that differ from what is up, written beside it.

    `files`: from, to; None is to be removed. They are exchanged in this order.
    """

    folder: Path
    files: tuple[tuple[Path | None, Path], ...]

    def swap(self, now: datetime, last_change: datetime | None) -> datetime | None:
        """Put them up; their Last-Modified, or None where nothing differs.

        It is `now` in whole seconds, or a second after the last change if that is later: it moves
        with every change and never backwards. It is later than `now` only where a clock was set
        back: builders leave each change a second of its own (`claims`).
        """
        if not self.files:
            return None
        before = [_changed_at(target) for _, target in self.files]
        latest = max(filter(None, [last_change, *before]), default=None)
        changed_at = now.replace(microsecond=0)
        if latest is not None:
            changed_at = max(changed_at, latest + _SECOND)
        for source, target in self.files:
            _exchange(source, target, changed_at.timestamp())
        _sync(self.folder)
        return changed_at

    def discard(self) -> None:
        """Throw them away."""
        for source, _ in self.files:
            if source is not None:
                source.unlink(missing_ok=True)


def stage(folder: Path, documents: Mapping[str, bytes]) -> Staged:
    """Write those documents (by file name) that differ from what is up; nothing is visible yet."""
    (folder / STAGED).mkdir(parents=True, exist_ok=True)
    files: list[tuple[Path | None, Path]] = []
    for name, document in documents.items():
        _sweep(folder, name)
        if not _is_up(folder, name, document):
            files += _written(folder, name, document)
    return Staged(folder, tuple(files))


def _written(folder: Path, name: str, document: bytes) -> list[tuple[Path | None, Path]]:
    """The document in every encoding that is worth it; others are to be removed."""
    encoded = encodings(document)
    texts = {suffix: encoded.get(encoding) for encoding, suffix in SUFFIXES.items()}
    return [
        (
            None if text is None else _write(folder, f"{name}{suffix}", text),
            folder / f"{name}{suffix}",
        )
        for suffix, text in [*texts.items(), ("", document)]
    ]


def _sweep(folder: Path, name: str) -> None:
    """Remove what a builder that died left behind."""
    for leftover in (folder / STAGED).glob(f"{name}.*"):
        leftover.unlink(missing_ok=True)


def _is_up(folder: Path, name: str, document: bytes) -> bool:
    """Whether it is, with no compressed file beside it that a builder left who died half-way."""
    try:
        text = (folder / name).read_bytes()
    except FileNotFoundError:
        return False
    changed_at = _changed_at(folder / name)
    beside = (_changed_at(folder / f"{name}{suffix}") for suffix in SUFFIXES.values())
    return text == document and all(at in {None, changed_at} for at in beside)


def _write(folder: Path, name: str, text: bytes) -> Path:
    path = folder / STAGED / f"{name}.{secrets.token_hex(4)}"
    with path.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path


def _exchange(source: Path | None, target: Path, changed_at: float) -> None:
    if source is None:
        target.unlink(missing_ok=True)
        return
    os.utime(source, (changed_at, changed_at))
    source.replace(target)


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
