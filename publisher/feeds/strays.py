"""Documents of feeds that no row knows: nothing would ever take a killed story out of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session, select

from publisher.feeds.models import FeedRow
from publisher.feeds.paths import FOLDER

_ARCHIVES = "archive"


def clear_strays(session: Session, public_folder: Path) -> None:
    """Take them down; they are left where a database was restored that is older than the files.

    Called first in a transaction: a row is committed before its first document is put up, so a
    document that is here when the rows are read has one, or never will.
    """
    found = list(_documents(public_folder / FOLDER))
    known = set(session.exec(select(FeedRow.slug)))
    for path, slug in found:
        if slug not in known:
            _remove(path)


def _documents(folder: Path) -> Iterator[tuple[Path, str]]:
    """Documents, compressed ones too, and folders of archives, each with its feed's slug."""
    for path in [*_inside(folder), *_inside(folder / _ARCHIVES)]:
        slug = path.name.split(".")[0]
        if slug and path != folder / _ARCHIVES:  # what is staged begins with a dot
            yield path, slug


def _inside(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
