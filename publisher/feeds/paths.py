"""Where documents are: the same path in an address and below the public folder."""

import re
from collections.abc import Mapping
from functools import lru_cache

FOLDER = "feeds"
NEWS_SITEMAP = "sitemap-news.xml"
OPML = "feeds.opml"
MEDIA_TYPES: Mapping[str, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
FOR_BROWSERS = "application/xml; charset=utf-8"  # they show nothing else with its style sheet
_ABOUT_FEEDS: Mapping[str, str] = {
    NEWS_SITEMAP: "application/xml; charset=utf-8",
    OPML: "text/x-opml; charset=utf-8",
}
_SLUG = re.compile(r"\w[\w-]{0,63}")
_FEED = re.compile(rf"{FOLDER}/(?P<slug>[^/]+)\.(?P<fmt>[a-z]+)")
_ARCHIVE = re.compile(rf"{FOLDER}/archive/(?P<slug>[^/]+)/(?:[1-9][0-9]{{0,8}})\.(?P<fmt>[a-z]+)")


def is_slug(slug: str) -> bool:
    """Whether it can be the name of a feed's files."""
    return _SLUG.fullmatch(slug) is not None


def feed_path(slug: str, fmt: str) -> str:
    """The path of a feed's document; raises ValueError where slug or format cannot be in one."""
    _check(slug, fmt)
    return f"{FOLDER}/{slug}.{fmt}"


def archive_path(slug: str, number: int, fmt: str) -> str:
    """The path of an archive of a feed; raises ValueError likewise."""
    _check(slug, fmt)
    return f"{FOLDER}/archive/{slug}/{number}.{fmt}"


@lru_cache(maxsize=256)
def media_type(path: str) -> str | None:
    """What is to be found under a path, without a slash at its start; None: nothing of ours."""
    if path in _ABOUT_FEEDS:
        return _ABOUT_FEEDS[path]
    found = _FEED.fullmatch(path) or _ARCHIVE.fullmatch(path)
    return MEDIA_TYPES.get(found["fmt"]) if found and is_slug(found["slug"]) else None


def has_style(path: str) -> bool:
    """Whether a browser can show it as a page (see `style`)."""
    return path.endswith((".rss", ".atom"))


def is_live(path: str) -> bool:
    """Whether it is a feed, which hubs know of, and no archive or list."""
    return _FEED.fullmatch(path) is not None


def feed_of(path: str) -> tuple[str, str] | None:
    """The slug and the format of a feed by its path; None for anything else."""
    found = _FEED.fullmatch(path)
    return (found["slug"], found["fmt"]) if found else None


def _check(slug: str, fmt: str) -> None:
    if not is_slug(slug) or fmt not in MEDIA_TYPES:
        raise ValueError(f"“{slug}.{fmt}” cannot be the name of a feed.")
