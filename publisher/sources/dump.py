"""Reads the text dump of a news page: what remains when a page is copied without its design.

The shape (WordPress with a magazine theme): site words, section, headline, dateline and text,
comment box, related headlines; blocks stand apart by blank lines.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.errors import InvalidInputError
from publisher.newsroom.characters import clean_text
from publisher.newsroom.dateline import is_agency, split_dateline
from publisher.newsroom.incoming import Incoming
from publisher.newsroom.markup import paragraphs_html
from publisher.newsroom.text import section_name, section_slug
from publisher.sources.decoding import decode_text
from publisher.sources.dump_head import Head, body_start, is_chrome, read_head
from publisher.sources.dump_tail import Tail, read_tail, tail_start
from publisher.sources.verdict import checked, unusable

_KEEPS_ITS_SPACE = re.compile(r"(?:and|or|to|und|oder|bis|et|ou|y|o)\b")
_HYPHENATED = re.compile(r"[^\W_]-")
_INSIDE_SENTENCE = re.compile(r"(?:[^\W_]|[,(“‘–—-]|(?<![.!?…])’)$")
_SIGNED_OFF = re.compile(
    r"(?:additional |with )?(?:reporting|editing|writing|reporters?)\b", re.IGNORECASE
)
_LONGEST_WRAPPED = 100


@dataclass(frozen=True, slots=True)
class _Page:
    """The blocks of a dump by their place, and what was recognised as the site's own words."""

    head: Head
    body: tuple[str, ...]
    tail: Tail
    dropped: tuple[str, ...]


def parse_dump(raw: bytes, *, source: str, external_id: str, language: str = "en") -> Incoming:
    """Read a page dump; never raises, what cannot be used carries its `problem`.

    Nothing is made up: no date, address or author that the page does not name.
    """
    try:
        text = clean_text(decode_text(raw))
    except InvalidInputError as refusal:
        return unusable(str(refusal), source=source, external_id=external_id, language=language)
    if re.match(r"\s*<(?:!doctype|html|\?xml)\b", text, re.IGNORECASE):
        problem = "This is a web page, not its text. Rename the file to end in .html."
        return unusable(problem, source=source, external_id=external_id, language=language)
    return checked(_incoming(_take_apart(text), source, external_id, language))


def _incoming(page: _Page, source: str, external_id: str, language: str) -> Incoming:
    dateline, credit, opening = split_dateline(page.body[0]) if page.body else (None, None, "")
    paragraphs = (opening, *page.body[1:]) if opening else page.body
    section = page.head.section or page.tail.section
    byline = page.head.byline
    if byline and (is_agency(byline) or byline == credit):
        byline, credit = None, credit or byline
    return Incoming(
        source=source,
        external_id=external_id,
        title=page.head.title,
        paragraphs=paragraphs,
        body_html=paragraphs_html(paragraphs),
        language=language,
        section=section_slug(section) if section else None,
        section_name=section_name(section) if section else None,
        section_printed=section,
        deck=page.head.deck,
        dateline=dateline,
        credit=credit,
        byline=byline,
        comments=page.tail.comments,
        related=page.tail.related,
        unparsed_head=page.head.unparsed,
        chrome_dropped=page.dropped,
        problem=_cut_short(page),
    )


def _take_apart(text: str) -> _Page:
    blocks = _blocks(text)
    joined = [_join(lines) for lines in blocks]
    end = tail_start(joined)
    lines = [line for block in blocks[end:] for line in block]
    tail = read_tail(joined[end:] if _is_wrapped(blocks[:end]) else lines)
    front = [block for block in joined[:end] if not is_chrome(block)]
    chrome = [block for block in joined[:end] if is_chrome(block)]
    start = body_start(front)
    head = read_head(front[:start], witness=tail.section)
    return _Page(head, tuple(front[start:]), tail, (*chrome, *head.dropped, *tail.dropped))


def _blocks(text: str) -> list[list[str]]:
    parts = re.split(r"\n[ \t]*\n", text)
    blocks = [[line.strip() for line in part.split("\n") if line.strip()] for part in parts]
    blocks = [lines for lines in blocks if lines]
    return [[line] for line in blocks[0]] if len(blocks) == 1 else blocks


def _join(lines: Sequence[str]) -> str:
    """Join the lines of a wrapped block; a hyphen at a line end belongs to its word."""
    joined: list[str] = []
    for line in lines:
        hyphenated = bool(joined) and _HYPHENATED.fullmatch(joined[-1][-2:])
        joined.append(line if hyphenated and not _KEEPS_ITS_SPACE.match(line) else f" {line}")
    return " ".join("".join(joined).split())


def _is_wrapped(blocks: Sequence[list[str]]) -> bool:
    """Say whether lines were broken to a width; if not, lines below the text are a list."""
    broken = sum(len(lines) > 1 for lines in blocks)
    return broken > 1 and all(len(line) <= _LONGEST_WRAPPED for lines in blocks for line in lines)


def _cut_short(page: _Page) -> str | None:
    """A page that has its top but not its end, and stops inside a sentence, was half written."""
    last = page.body[-1] if page.body else ""
    stops = _INSIDE_SENTENCE.search(last) and not _SIGNED_OFF.match(last)
    if page.dropped and not page.tail.dropped and stops:
        return "The text stops inside a sentence: the file is cut short. Save the page again."
    return None
