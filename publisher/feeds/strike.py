"""Takes stories out of documents that are up, where these cannot be written anew.

The last good documents stay up when a build fails; a story that may not leave any more does not
stay with them.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from publisher.feeds.formats import FORMATS
from publisher.newsroom.exits import leavable
from publisher.newsroom.models import ArticleRow

_ID = "urn:uuid:"


def struck(session: Session, folder: Path, paths: Iterable[str], now: datetime) -> dict[str, bytes]:
    """What is up under these paths, less what may not leave at `now`; only what loses a story."""
    found = {}
    formats = {fmt.name: fmt for fmt in FORMATS}
    for path in paths:
        fmt = formats[path.rpartition(".")[2]]
        try:
            text = (folder / path).read_bytes()
        except FileNotFoundError:
            continue
        barred = _barred(session, [entry_id for entry_id, _ in fmt.seen(text)], now)
        if barred:
            found[path] = fmt.without(text, barred)
    return found


def _barred(session: Session, ids: list[str], now: datetime) -> frozenset[str]:
    uuids = [entry_id.removeprefix(_ID) for entry_id in ids]
    may_leave = sa.select(col(ArticleRow.uuid)).where(
        col(ArticleRow.uuid).in_(uuids), leavable("feed", now)
    )
    return frozenset(ids) - {f"{_ID}{uuid}" for uuid in session.execute(may_leave).scalars()}
