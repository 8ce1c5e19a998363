"""Words of an article: slugs, names of sections, summaries, counts, direction of writing."""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from babel import Locale
from babel.core import UnknownLocaleError

from publisher.newsroom.characters import clean_text, one_line

__all__ = [
    "clean_text",
    "direction",
    "one_line",
    "reading_minutes",
    "section_name",
    "section_slug",
    "slugify",
    "summarise",
    "word_count",
]

_WORDS_A_MINUTE = 238
_LONGEST_SLUG = 100
_LONGEST_SECTION = 60
_QUOTES = "'’‘ʼ`´\"“”„‟«»‹›\u00ad"
_SHORT_FORMS = re.compile(r"UK|US|EU|UN|USA|UAE|NFL|NBA|NHL|MLB|NATO|AI|TV|IT|DIY|FAQ|BBC|NYC")
_SMALL_WORDS = re.compile(r"A|AN|AND|AS|AT|BY|FOR|FROM|IN|OF|ON|OR|THE|TO|UND|ET|DE|Y|E")
_RTL_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})
_SENTENCE_END = re.compile(r"[.!?…][”’\"'»)\]]*(?=\s+[^\sa-z])|[。！？][」』”]*")
_ABBREVIATION = re.compile(
    r"(?:\b[^\W\d_]|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|Gov|Sen|Rep|Gen|Lt|Col|Sgt|Capt|Rev|No|vs|Jr|Sr"
    r"|Inc|Ltd|Co|Jan|Feb|Aug|Sept?|Oct|Nov|Dec))\.$"
)
_VIRAMA = 9  # its canonical combining class
_SHORTEST_SHARE = 3  # a summary cut at a sentence end keeps at least a third of its room


def slugify(title: str) -> str:
    """Return a headline as the readable end of a link: `cease-fire-deal`; never empty.

    Quotes of any shape go without a trace; Latin letters lose their accents, other scripts stay.
    """
    words = "".join(_slug_character(c) for c in one_line(title).casefold() if c not in _QUOTES)
    slug = "-".join(words.split())
    if len(slug) > _LONGEST_SLUG:
        slug = slug[: _LONGEST_SLUG + 1].rpartition("-")[0] or slug[:_LONGEST_SLUG]
    return slug or "story"


def section_slug(name: str) -> str:
    """Return the slug that readers, newsletters and feeds choose a section by.

    `all` is the whole site, so a section of that name becomes `section-all`.
    """
    slug = slugify(name)[:_LONGEST_SECTION].rstrip("-")
    return {"all": "section-all", "story": "general"}.get(slug, slug)


def section_name(name: str) -> str:
    """Return a section's name for people: capitals are softened, `WORLD NEWS` to `World News`."""
    name = one_line(name)
    if name != name.upper():
        return name
    words = name.split()
    return " ".join(_softened(word, first=index == 0) for index, word in enumerate(words))


def summarise(paragraphs: Sequence[str], limit: int = 280) -> str:
    """Return the first paragraph in at most `limit` code points.

    It is cut at the end of a sentence if one is near enough, else after a word with `…`, and
    never inside what a reader sees as one character.
    """
    first = next((text for text in map(one_line, paragraphs) if text), "")
    if len(first) <= limit:
        return first
    sentences = [end.end() for end in _SENTENCE_END.finditer(first[: limit + 2])]
    for end in reversed(sentences):
        if limit // _SHORTEST_SHARE <= end <= limit and not _ABBREVIATION.search(first[:end]):
            return first[:end]
    room = max(0, limit - 1)
    words = first[: room + 1].rpartition(" ")[0]
    kept = words or first[: _whole_characters(first, room)]
    return kept.rstrip(" ,;:–—-") + "…"


def word_count(paragraphs: Sequence[str]) -> int:
    """Count the words between white space; a dateline is not part of the paragraphs."""
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def reading_minutes(words: int) -> int:
    """Return the minutes an adult needs, rounded up, at 238 words a minute; at least one."""
    return max(1, math.ceil(words / _WORDS_A_MINUTE))


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Say which way a BCP 47 language is written; a script subtag decides before the language."""
    subtags = language.replace("_", "-").split("-")
    scripts = [subtag.lower() for subtag in subtags[1:] if len(subtag) == 4 and subtag.isalpha()]  # noqa: PLR2004 (ISO 15924)
    if scripts:
        return "rtl" if scripts[0] in _RTL_SCRIPTS else "ltr"
    try:
        return "rtl" if Locale.parse(subtags[0].lower()).text_direction == "rtl" else "ltr"
    except (UnknownLocaleError, ValueError):
        return "ltr"


def _slug_character(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)
    if base[0].isascii():
        character = "".join(part for part in base if not unicodedata.combining(part))
    return "".join(part if unicodedata.category(part)[0] in "LNM" else " " for part in character)


def _softened(word: str, *, first: bool) -> str:
    if _SHORT_FORMS.fullmatch(word) or "." in word:
        return word
    if not first and _SMALL_WORDS.fullmatch(word):
        return word.lower()
    return "-".join(part.capitalize() for part in word.split("-"))


def _whole_characters(text: str, end: int) -> int:
    """Move a cut back until it no longer lies inside a grapheme (UAX 29, the cases in news)."""
    while end > 0 and (_continues(text[end]) or _binds(text[end - 1])):
        end -= 1
    flags = 0
    while flags < end and _is_flag_half(text[end - 1 - flags]):
        flags += 1
    return end - 1 if flags % 2 and _is_flag_half(text[end]) else end


def _binds(character: str) -> bool:
    """Whether what follows belongs to it, too: a joiner, or a virama between two consonants."""
    return character == "\u200d" or unicodedata.combining(character) == _VIRAMA


def _continues(character: str) -> bool:
    return (
        unicodedata.category(character)[0] == "M"
        or "\u1160" <= character <= "\u11ff"  # vowels and ends of a Hangul syllable in parts
        or "\ud7b0" <= character <= "\ud7fb"
        or character == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
