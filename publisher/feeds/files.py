"""Answers requests for feeds from the files that are up: no database, no XML, no template here.

The file itself carries its validators: its modification time is Last-Modified (whole seconds,
later with every change), the digest of its bytes is the ETag. So a document and its validators
are exchanged in one step and can never be seen apart. A compressed file belongs to the plain one
of the same time and to no other.
"""

import errno
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote

from publisher.feeds.compress import SUFFIXES
from publisher.feeds.negotiate import IDENTITY, choose_encoding, has_it, has_seen, is_browser
from publisher.feeds.paths import FOR_BROWSERS, has_style, is_live, media_type

Headers = Mapping[str, str]
RawHeaders = Sequence[tuple[bytes, bytes]]

_CACHE = "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400"
# A cache between us and others must not keep what only browsers are to get; so what it keeps is
# right for every program, and need not be kept once for each way to say what one accepts.
_FOR_A_BROWSER = {
    "Content-Type": FOR_BROWSERS,
    "Cache-Control": _CACHE.replace("public", "private"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send: the status, the headers, and the body (empty but for GET that is 200).

    `raw` are the headers as ASGI wants them, where they are at hand.
    """

    status: int
    headers: Headers = field(default_factory=dict)
    body: bytes = b""
    raw: RawHeaders = ()


# The document may be there: who is told that it is not gives the feed up.
_AWAY = Answer(503, {"Retry-After": "60", "Cache-Control": "no-store", "Content-Length": "0"})


@dataclass(frozen=True, slots=True)
class _Version:
    """One state of a document: `mark` is what the file system says, `changed_at` aware UTC.

    `unchanged` is what a program is told that has it, by the encodings it is there in.
    """

    mark: tuple[int, int, int]
    etag: str
    changed_at: datetime
    encodings: tuple[str, ...]
    unchanged: Mapping[str, Answer]


class Published:
    """The documents below a public folder, as `Settings.public_folder` names it.

    With `hubs`, feeds say in a header where they may be subscribed to (WebSub §4).
    """

    def __init__(self, folder: Path, *, base_url: str = "", hubs: Sequence[str] = ()) -> None:
        self._folder = str(folder)  # joining text is faster than joining paths
        self._base_url = base_url.rstrip("/")
        self._hubs = tuple(hubs)
        self._known: dict[str, _Version] = {}

    def answer(
        self,
        path: str,
        *,
        method: str = "GET",
        accept: str | None = None,
        accept_encoding: str | None = None,
        if_none_match: str | None = None,
        if_modified_since: str | None = None,
    ) -> Answer:
        """The answer to GET or HEAD (RFC 9110 §13: If-None-Match wins over If-Modified-Since).

        `path` begins with a slash, decoded; what is no document of ours is 404.
        """
        name = path[1:]
        kind = media_type(name)
        if kind is None:
            return Answer(404)
        try:
            version = self._version(name)
            encoding = choose_encoding(accept_encoding, version.encodings)
            if encoding is None:
                return Answer(406, {"Vary": "Accept-Encoding", "Content-Length": "0"})
            if _is_unchanged(version, if_none_match, if_modified_since):
                return version.unchanged[encoding]
            version, encoding, body = self._body(name, version, encoding)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return Answer(404)
        except OSError as error:
            return Answer(404) if error.errno == errno.ENAMETOOLONG else _AWAY
        headers = {**version.unchanged[encoding].headers, **body_headers(kind, encoding, body)}
        if is_browser(accept) and has_style(name):
            headers |= _FOR_A_BROWSER
        return Answer(200, headers, b"" if method == "HEAD" else body)

    def _version(self, name: str) -> _Version:
        known = self._known.get(name)
        if known is not None and known.mark == _mark(os.stat(f"{self._folder}/{name}")):  # noqa: PTH116
            return known
        return self._plain(name)[0]

    def _body(self, name: str, version: _Version, encoding: str) -> tuple[_Version, str, bytes]:
        """The bytes in the encoding; the plain ones where those of this version are gone."""
        if encoding != IDENTITY:
            mark, body = _read(f"{self._folder}/{name}{SUFFIXES[encoding]}")
            if mark is not None and mark[1] == version.mark[1]:
                return version, encoding, body
        version, body = self._plain(name)
        return version, IDENTITY, body

    def _plain(self, name: str) -> tuple[_Version, bytes]:
        """The bytes and the marks of one and the same file, whatever is put up meanwhile."""
        mark, body = _read(f"{self._folder}/{name}")
        if mark is None:
            raise FileNotFoundError(name)
        known = self._known.get(name)
        if known is None or known.mark != mark:
            known = self._known[name] = self._version_of(name, mark, body)
        return known, body

    def _version_of(self, name: str, mark: tuple[int, int, int], body: bytes) -> _Version:
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        changed_at = datetime.fromtimestamp(mark[1] // 1_000_000_000, UTC)
        there = [
            encoding
            for encoding, suffix in SUFFIXES.items()
            if _time(f"{self._folder}/{name}{suffix}") == mark[1]
        ]
        common = {
            "Last-Modified": format_datetime(changed_at, usegmt=True),
            "Cache-Control": _CACHE,
            "Vary": "Accept-Encoding",
            "Access-Control-Allow-Origin": "*",
            **self._link_header(name),
        }
        unchanged = {
            encoding: _unchanged({"ETag": tag_of(etag, encoding), **common})
            for encoding in (*there, IDENTITY)
        }
        return _Version(mark, etag, changed_at, tuple(there), unchanged)

    def _link_header(self, name: str) -> Headers:
        if not self._hubs or not is_live(name):
            return {}
        hubs = [f'<{hub}>; rel="hub"' for hub in self._hubs]
        return {"Link": ", ".join([*hubs, f'<{self._base_url}/{quote(name)}>; rel="self"'])}


def raw_headers(headers: Headers) -> RawHeaders:
    """The headers as ASGI wants them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def _unchanged(headers: Headers) -> Answer:
    return Answer(304, headers, raw=raw_headers(headers))


def _read(path: str) -> tuple[tuple[int, int, int] | None, bytes]:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            return _mark(os.fstat(file.fileno())), file.read()
    except FileNotFoundError:
        return None, b""


def _mark(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _time(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - as above
    except FileNotFoundError:
        return None


def tag_of(etag: str, encoding: str) -> str:
    """The tag in an encoding: each has its own, its bytes are others (RFC 9110 §8.8.3.3)."""
    return etag if encoding == IDENTITY else f'{etag[:-1]}-{encoding}"'


def _is_unchanged(
    version: _Version, if_none_match: str | None, if_modified_since: str | None
) -> bool:
    if if_none_match is not None:
        return has_it(version.etag, if_none_match)
    return if_modified_since is not None and has_seen(version.changed_at, if_modified_since)


def body_headers(kind: str, encoding: str, body: bytes) -> Headers:
    """What is said of a body; `kind` is its media type."""
    headers = {
        "Content-Type": kind,
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
    }
    return headers if encoding == IDENTITY else {**headers, "Content-Encoding": encoding}
