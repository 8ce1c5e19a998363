"""The documents that are up, as hubs and subscribers know them."""

from datetime import UTC, datetime

from publisher.feeds.paths import feed_path
from publisher.settings import Settings


def changed_at_of(site: Settings, slug: str, fmt: str) -> datetime | None:
    """The Last-Modified of a feed's document; None where it is not up."""
    try:
        stat = (site.public_folder / feed_path(slug, fmt)).stat()
    except (FileNotFoundError, ValueError):
        return None
    return datetime.fromtimestamp(int(stat.st_mtime), UTC)
