"""The top of a page dump: section, headline, deck, byline, and where the text begins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.newsroom.dateline import split_dateline

_CHROME = re.compile(
    r"connect with us|follow us|share|share this:?|share on \w+|tweet|pin it|menu|search|home|"
    r"skip to (?:main )?content|advertisements?|subscribe(?: now)?|sign in|log ?in|register|"
    r"hi, what are you looking for\?|scroll to continue(?: reading)?|print|e-?mail|facebook|"
    r"twitter|whatsapp|breaking news|continue reading|click here to subscribe",
    re.IGNORECASE,
)
_MARKER = re.compile(
    r"published|on|updated|posted(?: on)?|(?:\d+|an?) (?:second|minute|hour|day|week|month|year)s? "
    r"ago|\d+ min(?:ute)?s? read|by",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"(?:(?:published|updated|posted)\b:? ?(?:on )?)?(?:[a-z]+day,? )?(?:{_MONTH} \d{{1,2}},? "
    rf"\d{{4}}|\d{{1,2}}\.? {_MONTH} \d{{4}}|\d{{4}}-\d\d-\d\d)(?:.{{0,24}})",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"[\d\s.,:/|#-]*\d[\d\s.,:/|#-]*")
_BYLINE = re.compile(r"(?:by|von|par)[ :]+(?P<name>[^\W\d_].{1,80})", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…:;][”’\"'»)]*$")
_SECTION_WORDS, _SECTION_LENGTH = 4, 40
_LONGEST_FURNITURE = 200
_LONGEST_TITLE = 300
_MOST_TITLE_WORDS = 45
_HEAD_BLOCKS = 9
_PARAGRAPH_WORDS = 12


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the text: `unparsed` is kept word for word, `dropped` is the site's."""

    title: str = ""
    section: str | None = None
    deck: str | None = None
    byline: str | None = None
    unparsed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def is_chrome(block: str) -> bool:
    """Say whether a block is a word of the site's own, on any of its pages."""
    return bool(_CHROME.fullmatch(block))


def is_section(block: str) -> bool:
    """Say whether a block could be the name of a section: a few words, no sentence."""
    return (
        len(block) <= _SECTION_LENGTH
        and len(block.split()) <= _SECTION_WORDS
        and not _SENTENCE_END.search(block)
        and not _is_furniture(block)
    )


def body_start(blocks: Sequence[str]) -> int:
    """Return where the text begins: at the block with the dateline, else below the headline."""
    for index, block in enumerate(blocks[:_HEAD_BLOCKS]):
        if index and len(block.split()) >= _PARAGRAPH_WORDS and split_dateline(block)[0]:
            return index
    titled = next((index for index, block in enumerate(blocks) if not _is_furniture(block)), 0)
    if len(blocks) > titled + 1 and _is_section_then_title(blocks[titled:]):
        titled = _next_words(blocks, titled + 1)
    return _next_words(blocks, titled + 1)


def read_head(blocks: Sequence[str], *, witness: str | None) -> Head:
    """Tell the blocks above the text apart; `witness` is the section named below the text."""
    blocks = _with_bylines(blocks)
    words = [block for block in blocks if not _is_furniture(block)]
    section = words.pop(0) if len(words) > 1 and _leads_with_section(words, witness) else None
    title = words[0] if words and _is_title(words[0]) else ""
    bylines = [match["name"] for block in blocks if (match := _match(block, _BYLINE))]
    unparsed = [block for block in blocks if _match(block, _NUMBERS, _DATE)]
    return Head(
        title=title,
        section=section,
        deck=words[1] if len(words) > 1 else None,
        byline=_person(bylines[0]) if bylines else None,
        unparsed=(*unparsed, *words[2:]),
        dropped=tuple(block for block in blocks if _match(block, _MARKER)),
    )


def _with_bylines(blocks: Sequence[str]) -> list[str]:
    """Join `By` that stands in a block of its own to the name below it."""
    joined: list[str] = []
    for block in blocks:
        if joined and joined[-1].casefold() == "by":
            joined[-1] += f" {block}"
        else:
            joined.append(block)
    return joined


def _is_furniture(block: str) -> bool:
    return bool(_match(block, _CHROME, _MARKER, _DATE, _NUMBERS, _BYLINE))


def _match(block: str, *patterns: re.Pattern[str]) -> re.Match[str] | None:
    if len(block) > _LONGEST_FURNITURE:
        return None
    return next((match for pattern in patterns if (match := pattern.fullmatch(block))), None)


def _is_title(block: str) -> bool:
    return len(block) <= _LONGEST_TITLE and len(block.split()) <= _MOST_TITLE_WORDS


def _leads_with_section(words: Sequence[str], witness: str | None) -> bool:
    if witness and words[0].casefold() == witness.casefold():
        return True
    return _is_section_then_title(words)


def _is_section_then_title(words: Sequence[str]) -> bool:
    following = next((block for block in words[1:] if not _is_furniture(block)), "")
    return (
        is_section(words[0])
        and bool(following)
        and _is_title(following)
        and not following.endswith(".")
    )


def _next_words(blocks: Sequence[str], start: int) -> int:
    while start < len(blocks) and _is_furniture(blocks[start]):
        start += 1
    return start


def _person(name: str) -> str:
    return re.split(r"\s*[,|•]\s*", name, maxsplit=1)[0]
