"""Answers requests for feeds from the files that are up: no database, no XML, no template here.

The file itself carries its validators: its modification time is Last-Modified (whole seconds,
later with every change), the digest of its bytes is the ETag. So a document and its validators
are exchanged in one step and can never be seen apart.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

FOLDER = "feeds"
MEDIA_TYPES: Mapping[str, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
_CACHE = "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400"
_SLUG = re.compile(r"\w[\w-]{0,63}")
_TAG = re.compile(r'"([^"]*)"')
_ENCODING_SUFFIX = re.compile(r"(?:--?|;)(?:gzip|deflate|br|zstd)$")


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send: the status, the headers, and the body (empty for HEAD, 304 and 404)."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Version:
    """One state of a file: `mark` is what the file system says, `changed_at` aware UTC."""

    mark: tuple[int, int, int]
    etag: str
    changed_at: datetime


def file_name(slug: str, fmt: str) -> str:
    """The name of a document's file; raises ValueError where the slug cannot be one."""
    if not _SLUG.fullmatch(slug) or fmt not in MEDIA_TYPES:
        raise ValueError(f"“{slug}.{fmt}” cannot be the name of a feed.")
    return f"{slug}.{fmt}"


class Published:
    """The documents below a public folder, as `Settings.public_folder` names it."""

    def __init__(self, public_folder: Path) -> None:
        self._folder = public_folder / FOLDER
        self._known: dict[str, _Version] = {}

    def answer(
        self,
        slug: str,
        fmt: str,
        *,
        method: str = "GET",
        if_none_match: str | None = None,
        if_modified_since: str | None = None,
    ) -> Answer:
        """The answer to GET or HEAD (RFC 9110 §13: If-None-Match wins over If-Modified-Since)."""
        try:
            name = file_name(slug, fmt)
            version = self._version(name)
            if _is_unchanged(version, if_none_match, if_modified_since):
                return Answer(304, _headers(version))
            version, body = self._read(name)
        except (OSError, ValueError):
            return Answer(404, {})
        headers = _headers(version) | _body_headers(fmt, body)
        return Answer(200, headers, b"" if method == "HEAD" else body)

    def _version(self, name: str) -> _Version:
        known = self._known.get(name)
        if known is not None and known.mark == _mark(os.stat(self._folder / name)):  # noqa: PTH116
            return known
        return self._read(name)[0]

    def _read(self, name: str) -> tuple[_Version, bytes]:
        """The bytes and the marks of one and the same file, whatever is put up meanwhile."""
        with (self._folder / name).open("rb") as file:
            mark = _mark(os.fstat(file.fileno()))
            body = file.read()
        known = self._known.get(name)
        if known is None or known.mark != mark:
            changed_at = datetime.fromtimestamp(mark[1] // 1_000_000_000, UTC)
            known = _Version(mark, f'"{hashlib.sha256(body).hexdigest()}"', changed_at)
            self._known[name] = known
        return known, body


def _mark(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _is_unchanged(
    version: _Version, if_none_match: str | None, if_modified_since: str | None
) -> bool:
    if if_none_match is not None:
        return _matches(version.etag, if_none_match)
    if if_modified_since is not None:
        return _not_changed_since(version.changed_at, if_modified_since)
    return False


def _matches(etag: str, given: str) -> bool:
    """Weak comparison with `*` or a list; servers in between add the encoding to the tag."""
    if given.strip() == "*":
        return True
    ours = etag.strip('"')
    return any(_ENCODING_SUFFIX.sub("", tag) == ours for tag in _TAG.findall(given))


def _not_changed_since(changed_at: datetime, given: str) -> bool:
    try:
        since = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return False  # RFC 9110 §13.1.3: a date that cannot be read is ignored
    return changed_at <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _headers(version: _Version) -> dict[str, str]:
    return {
        "ETag": version.etag,
        "Last-Modified": format_datetime(version.changed_at, usegmt=True),
        "Cache-Control": _CACHE,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }


def _body_headers(fmt: str, body: bytes) -> dict[str, str]:
    return {
        "Content-Type": MEDIA_TYPES[fmt],
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
    }
