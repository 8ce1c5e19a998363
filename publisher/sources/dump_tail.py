"""The end of a page dump: the comment box, the section's second witness, related headlines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.newsroom.incoming import Comments

_OPEN = re.compile(
    r"click to comment|be the first to comment|no comments(?: yet)?|(?P<count>\d[\d,.]*) comments?|"
    r"comments?(?: ?\((?P<bracketed>\d+)\))?:?|(?:leave|post|write|add) a (?:reply|comment)"
    r"(?: cancel reply)?|your email address will not be published\..{0,80}|"
    r"you must be logged in to post a comment\.?.{0,40}",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"comments (?:are|have been) (?:closed|disabled|turned off)\.?", re.IGNORECASE)
_MORE_IN = re.compile(r"more in (?P<section>.{1,40}[^\s.!?…:;,])", re.IGNORECASE)
_OTHER = re.compile(
    r"related topics:?.{0,200}|up next|don[’']t miss|you may (?:also )?like|recommended for you",
    re.IGNORECASE,
)
_SHORTEST_HEADLINE = 4


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands below the text; `section` is read from `More in NEWS`."""

    section: str | None = None
    comments: Comments | None = None
    related: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def tail_start(blocks: Sequence[str]) -> int:
    """Return where the text ends: at the first block that is nothing but a mark of the page's end.

    A phrase such as "click to comment" inside a sentence is text.
    """
    marks = (index for index, block in enumerate(blocks) if index and _is_mark(block))
    return next(marks, len(blocks))


def read_tail(lines: Sequence[str]) -> Tail:
    """Read the lines below the text; what readers wrote there is left out."""
    more_in = next((i for i, line in enumerate(lines) if _MORE_IN.fullmatch(line)), len(lines))
    section = _MORE_IN.fullmatch(lines[more_in]) if more_in < len(lines) else None
    below = [line for line in lines[more_in + 1 :] if not _is_mark(line)]
    return Tail(
        section=section["section"].strip() if section else None,
        comments=_comments(lines),
        related=tuple(line for line in below if len(line.split()) >= _SHORTEST_HEADLINE),
        dropped=tuple(line for line in lines if _is_mark(line)),
    )


def _is_mark(block: str) -> bool:
    return any(pattern.fullmatch(block) for pattern in (_OPEN, _CLOSED, _MORE_IN, _OTHER))


def _comments(lines: Sequence[str]) -> Comments | None:
    found = [match for line in lines if (match := _OPEN.fullmatch(line))]
    if any(_CLOSED.fullmatch(line) for line in lines):
        return Comments(open=False, count=_count(found))
    return Comments(open=True, count=_count(found)) if found else None


def _count(found: Sequence[re.Match[str]]) -> int | None:
    for match in found:
        number = re.sub(r"\D", "", match["count"] or match["bracketed"] or "")
        if number:
            return int(number[:9])
        if re.match(r"click|be the first|no comments", match[0], re.IGNORECASE):
            return 0
    return None
