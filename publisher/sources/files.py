"""Finds and opens article files in a folder, without following anything out of it."""

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from publisher.errors import InvalidInputError

LARGEST_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is not taken for an article, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The bytes of a file and when they were last written, in UTC."""

    raw: bytes
    modified_at: datetime


def article_files(root: Path) -> Iterator[Path]:
    """Yield the files below a folder in stable order, without hidden and temporary ones.

    Folders that are links are not entered; a folder that cannot be listed is passed over.
    """
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not is_ignored(name))


def is_ignored(name: str) -> bool:
    """Say whether a name belongs to a hidden file or to one that is still being written."""
    return name.startswith(".") or name.endswith(("~", ".part", ".tmp", ".swp", ".crdownload"))


def external_id_of(path: Path, root: Path) -> str:
    """Return a file's path below `root` without its suffix: the article's id in this source.

    Characters that do not print (and `%`) are written as `%XX`, the same for every spelling of
    the same letters.
    """
    below = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
    return printable_name(unicodedata.normalize("NFC", below.with_suffix("").as_posix()))


def printable_name(name: str) -> str:
    """Return a file's name as it can be stored and shown; two names stay two."""
    return "".join(_printable(character) for character in name)


def why_skipped(path: Path, root: Path) -> str | None:
    """Return why a path is not to be opened at all; None if it may be.

    Raises OSError where the path cannot be looked at.
    """
    if is_ignored(path.name):
        return "Hidden and temporary files are not read."
    if path.is_symlink() and not path.exists():
        return "This link leads nowhere. Put the file itself into the folder."
    real = path.resolve()
    if not real.is_relative_to(root.resolve()):
        return "This link leads out of the folder. Put the file itself into the folder."
    if not stat.S_ISREG(real.stat().st_mode):
        return "This is not a file."
    return None


def read_contents(path: Path) -> Contents:
    """Read a regular file of at most 5 MB.

    Raises InvalidInputError if it is larger, OSError if it cannot be read. A pipe put in the
    file's place never blocks.
    """
    descriptor = os.open(path.resolve(), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a file")
        raw = file.read(LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES:
        size = max(status.st_size, len(raw)) / 1_000_000
        raise InvalidInputError(
            f"The file has {size:.0f} MB, an article may have at most 5 MB. Is it an article?"
        )
    return Contents(raw, datetime.fromtimestamp(status.st_mtime, UTC))


def _printable(character: str) -> str:
    if character == "%" or not character.isprintable():
        return quote(character.encode("utf-8", "surrogateescape"), safe="")
    return character
