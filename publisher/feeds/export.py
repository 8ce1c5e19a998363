"""Feeds as a folder of static files, for any web server."""

import shutil
from pathlib import Path

from publisher.feeds.directory import list_feeds
from publisher.feeds.files import FOLDER, MEDIA_TYPES, file_name
from publisher.feeds.publish import build_due
from publisher.store import Runtime


def export(runtime: Runtime, folder: Path) -> list[Path]:
    """Build what is behind and copy every document into `folder`, dates kept; the copies."""
    build_due(runtime)
    with runtime.sessions.read() as session:
        slugs = [feed.slug for feed in list_feeds(session)]
    folder.mkdir(parents=True, exist_ok=True)
    names = [file_name(slug, fmt) for slug in slugs for fmt in MEDIA_TYPES]
    documents = [runtime.settings.public_folder / FOLDER / name for name in names]
    return [Path(shutil.copy2(path, folder)) for path in documents if path.is_file()]
