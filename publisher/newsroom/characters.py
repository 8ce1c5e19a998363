"""Makes text from anywhere safe to store and to print: one form, no characters that break XML."""

import re
import unicodedata

_NEWLINES = "\v\f\x85\u2028\u2029"
_SPACES = "\u00a0\u2007\u202f"
_INVISIBLE = "\u200b\u2060\ufeff"
_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e"  # a stray one turns the lines after it around
_FORBIDDEN = (
    *range(0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0xA0),
    *range(0xD800, 0xE000),
    0xFFFE,
    0xFFFF,
)
_ISOLATES, _END_OF_ISOLATE = "\u2066\u2067\u2068", "\u2069"
_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")

_TABLE: dict[int, str | None] = {
    **dict.fromkeys(_FORBIDDEN),
    **dict.fromkeys(map(ord, _INVISIBLE + _OVERRIDES)),
    **dict.fromkeys(map(ord, _NEWLINES), "\n"),
    **dict.fromkeys(map(ord, _SPACES), " "),
}


def clean_text(text: str) -> str:
    """Bring text into NFC, without control characters, lone surrogates and invisible spaces.

    Every line end becomes LF; tabs and non-breaking spaces become spaces.
    """
    return unicodedata.normalize("NFC", printable(text).replace("\t", " "))


def one_line(text: str) -> str:
    """Return cleaned text with every run of white space as one space, without the outer ones.

    A part with a direction of its own ends within the line, or what follows it on a page would be
    turned around (UAX 9).
    """
    return _balanced(" ".join(clean_text(text).split()))


def printable(text: str) -> str:
    """Drop what no page may carry and leave the rest, tabs and composition included."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_TABLE)


def _balanced(text: str) -> str:
    depth, kept = 0, []
    if _END_OF_ISOLATE not in text and not any(one in text for one in _ISOLATES):
        return text
    for character in text:
        if character == _END_OF_ISOLATE:
            if not depth:
                continue
            depth -= 1
        depth += character in _ISOLATES
        kept.append(character)
    return "".join(kept) + _END_OF_ISOLATE * depth


def is_storable(text: str) -> bool:
    """Whether every database takes the text: PostgreSQL refuses NUL, all refuse lone surrogates."""
    return _UNSTORABLE.search(text) is None
