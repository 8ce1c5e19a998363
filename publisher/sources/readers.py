"""Which reader takes which file: one line here per format."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from publisher.errors import InvalidInputError
from publisher.newsroom.incoming import Incoming
from publisher.sources.dump import parse_dump
from publisher.sources.files import SkippedFile, external_id_of, read_contents, why_skipped
from publisher.sources.markdown import parse_markdown
from publisher.sources.page import parse_page
from publisher.sources.verdict import Origin, unusable

_FRONT_MATTER = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:-{3}|\+{3})[ \t]*\r?\n")


def read_file(
    path: Path, *, source: str, root: Path, language: str, zone: tzinfo
) -> Incoming | SkippedFile:
    """Read one file of a folder as an article; it never raises, so it harms no other file.

    What is no article file at all is skipped with a reason; what should be one but cannot be used
    comes back with its `problem`. Versions are ordered by when the file was written, or by the
    time it gives itself where that is later; neither is ever taken for its date of publication.
    """
    origin = Origin(source, external_id_of(path, root), language, zone)
    try:
        reason = _why_skipped(path, root)
        if reason:
            return SkippedFile(path, reason)
        contents = read_contents(path)
        incoming = READERS[path.suffix.lower()](contents.raw, origin)
    except InvalidInputError as refusal:
        return _unusable(str(refusal), origin)
    except FileNotFoundError:
        return SkippedFile(path, "There is no such file; it may have been moved or removed.")
    except (OSError, RuntimeError) as error:
        return _unusable(f"The file cannot be read: {_reason(error)}.", origin)
    except Exception as error:  # noqa: BLE001 (one broken file must not stop its neighbours)
        return _unusable(f"The file cannot be understood ({type(error).__name__}).", origin)
    version_at = max(incoming.version_at or contents.modified_at, contents.modified_at)
    return replace(incoming, version_at=version_at)


def _why_skipped(path: Path, root: Path) -> str | None:
    if path.suffix.lower() not in READERS:
        known = ", ".join(READERS)
        return why_skipped(path, root) or f"Not an article file: its name must end in {known}."
    return why_skipped(path, root)


def _read_text(raw: bytes, origin: Origin) -> Incoming:
    """Text is the dump of a page, unless it begins with front matter."""
    if _FRONT_MATTER.match(raw):
        return _read_markdown(raw, origin)
    return parse_dump(
        raw, source=origin.source, external_id=origin.external_id, language=origin.language
    )


def _read_markdown(raw: bytes, origin: Origin) -> Incoming:
    return parse_markdown(
        raw,
        source=origin.source,
        external_id=origin.external_id,
        language=origin.language,
        zone=origin.zone,
    )


def _read_page(raw: bytes, origin: Origin) -> Incoming:
    return parse_page(
        raw,
        source=origin.source,
        external_id=origin.external_id,
        language=origin.language,
        zone=origin.zone,
    )


def _unusable(problem: str, origin: Origin) -> Incoming:
    return unusable(
        problem, source=origin.source, external_id=origin.external_id, language=origin.language
    )


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).rstrip(".").lower()


READERS: dict[str, Callable[[bytes, Origin], Incoming]] = {
    ".txt": _read_text,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": _read_page,
    ".htm": _read_page,
}
