"""Picking up by hand: an editor names files or folders, and each becomes an article or a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.accounts.actor import Actor
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.models import ArticleRow
from publisher.newsroom.receive import receive
from publisher.sources.files import SkippedFile, article_files
from publisher.sources.readers import read_file
from publisher.sources.register import PICKUP
from publisher.store import Runtime


@dataclass(frozen=True, slots=True)
class Picked:
    """What became of one file. `article` and `incoming` are None where it was skipped.

    `state` is the article's, or `skipped`; `outcome` says new, updated, unchanged, older, barred,
    stillborn or quarantined.
    """

    path: Path
    state: str
    outcome: str
    reason: str | None
    article: ArticleRow | None = None
    incoming: Incoming | None = None


def pick_up(runtime: Runtime, paths: Sequence[Path], *, by: Actor) -> Iterator[Picked]:
    """Take in files, and all article files below folders; one transaction each, in order.

    An act of an editor and so never a baseline: what comes in is mailed. A file that cannot be
    used is quarantined or skipped with its reason and stops no other.
    """
    for path in paths:
        if path.is_dir():
            for file in article_files(path):
                yield _take(runtime, file, path, by=by)
        else:
            yield _take(runtime, path, path.parent, by=by)


def _take(runtime: Runtime, path: Path, root: Path, *, by: Actor) -> Picked:
    settings = runtime.settings
    read = read_file(
        path, source=PICKUP, root=root, language=settings.language, zone=ZoneInfo(settings.zone)
    )
    if isinstance(read, SkippedFile):
        return Picked(path, "skipped", "skipped", read.reason)
    with runtime.sessions.begin() as session:
        received = receive(session, read, by=by, now=runtime.clock())
    article = received.article
    reason = received.problem or article.reason
    return Picked(path, article.state.value, received.outcome, reason, article, read)
