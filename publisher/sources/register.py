"""The sources that are known: adding one, and looking them up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from publisher.accounts.actor import Actor, record
from publisher.errors import InvalidInputError, NotFoundError, RefusedError
from publisher.newsroom.characters import is_storable
from publisher.sources.body import language_tag
from publisher.sources.models import SourceRow

FOLDER = "folder"
PICKUP = "pickup"
_SLUG = re.compile(r"(?=.{1,64}$)[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class NewFolder:
    """A folder to be watched.

    With `baseline` what lies there already goes into the feeds and is not mailed; with `review`
    an editor must release every article. `zone` is the one of times that name none.
    """

    slug: str
    folder: Path
    language: str = "en"
    zone: str = "UTC"
    baseline: bool = True
    review: bool = False


def add_folder(session: Session, new: NewFolder, *, by: Actor, now: datetime) -> SourceRow:
    """Watch a folder from the next tick on.

    Raises InvalidInputError where it cannot be read, RefusedError where the slug or the folder
    is taken.
    """
    if not _SLUG.fullmatch(new.slug):
        raise InvalidInputError(
            f"“{new.slug[:80]}” cannot name a source; write 1 to 64 of a-z, 0-9 and single "
            "hyphens, like “wire-desk”."
        )
    if new.zone not in available_timezones():
        raise InvalidInputError(f"“{new.zone[:80]}” is not a time zone; write one like Asia/Tokyo.")
    language = language_tag(new.language)
    if language is None:
        raise InvalidInputError(f"“{new.language[:80]}” is not a language; write one like pt-BR.")
    location = str(_readable(new.folder))
    if not is_storable(location):
        raise InvalidInputError(f"The name of {new.folder!a} is not UTF-8; rename the folder.")
    _refuse_doubles(session, new.slug, location)
    row = SourceRow(
        slug=new.slug,
        kind=FOLDER,
        location=location,
        language=language,
        zone=new.zone,
        trust="review" if new.review else "auto",
        baseline_done=not new.baseline,
    )
    session.add(row)
    session.flush()
    record(session, by, "source.add", "source", row.slug, at=now, location=location)
    return row


def find_source(session: Session, slug: str) -> SourceRow:
    """The source of that slug; raises NotFoundError."""
    row = session.get(SourceRow, slug)
    if row is None:
        raise NotFoundError("source", slug)
    return row


def list_sources(session: Session) -> Sequence[SourceRow]:
    """All sources, by their slugs."""
    return session.exec(select(SourceRow).order_by(col(SourceRow.slug))).all()


def _readable(folder: Path) -> Path:
    """The folder's full path, links followed; what is polled must be there and be ours to read."""
    try:
        location = folder.resolve(strict=True)
        next(location.iterdir(), None)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it leads in a circle"
        raise InvalidInputError(
            f"{folder} cannot be watched: {reason}. Name a folder that is there and may be read."
        ) from None
    return location


def _refuse_doubles(session: Session, slug: str, location: str) -> None:
    if slug == PICKUP:
        raise RefusedError(f"“{PICKUP}” stands for what is picked up by hand; choose another slug.")
    if session.get(SourceRow, slug) is not None:
        raise RefusedError(f"There is a source “{slug}” already; choose another slug.")
    same = select(SourceRow).where(SourceRow.kind == FOLDER, SourceRow.location == location)
    other = session.exec(same).first()
    if other is not None:
        raise RefusedError(f"The source “{other.slug}” watches {location} already.")
