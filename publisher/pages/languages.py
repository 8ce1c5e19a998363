"""What a language tag means for a page: its locale, and the side it begins on."""

import re
from functools import lru_cache
from typing import Literal, TypedDict

from babel import Locale, UnknownLocaleError

Direction = Literal["ltr", "rtl"]
Side = Literal["left", "right"]

_SCRIPT = re.compile("[A-Za-z]{4}")  # ISO 15924
_RTL_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})


class PageLanguage(TypedDict):
    """What every template gets to know about its language; `start` is where lines begin."""

    language: str
    dir: Direction
    start: Side
    end: Side


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """The nearest known locale of a BCP 47 tag (`de-AT` or `de`); English where there is none."""
    parts = language.replace("_", "-").split("-")
    while parts:
        try:
            return Locale.parse("-".join(parts), sep="-")
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return Locale("en")


def direction(language: str) -> Direction:
    """Say which way a language is written; a script subtag decides before the language."""
    scripts = [part.lower() for part in re.split("[-_]", language)[1:] if _SCRIPT.fullmatch(part)]
    if scripts:
        return "rtl" if scripts[0] in _RTL_SCRIPTS else "ltr"
    return "rtl" if locale_of(language).text_direction == "rtl" else "ltr"


def page_language(language: str) -> PageLanguage:
    """The language variables of a template's context."""
    if direction(language) == "rtl":
        return PageLanguage(language=language, dir="rtl", start="right", end="left")
    return PageLanguage(language=language, dir="ltr", start="left", end="right")
