"""Takes the dateline off an article's first paragraph: `TEL AVIV, Israel (WSN) — On Monday …`.

Use it on first paragraphs only; on others it finds datelines that are none.
"""

import re
from dataclasses import dataclass

from publisher.newsroom.countries import find_country
from publisher.newsroom.incoming import Dateline

_LONGEST = 120
_MOST_WORDS = 5
_DASH = re.compile(r"\s*(?:—|―)\s*|\s+(?:–|-{1,2})\s+|\s*--\s*")
_HEAD = re.compile(
    r"(?P<where>[^()\[\]]+?)(?:,?\s*\((?P<credit>[^()]{2,40})\)(?:\s*,\s*(?P<after>[^()]+))?)?"
)
_CREDIT = re.compile(r"[^\W\d_][\w.&'’/ ]{1,39}")
_AGENCIES = frozenset({
    *("aa", "aap", "afp", "agerpres", "anadolu", "ani", "ansa", "ap", "apa", "ats"),
    *("belga", "bloomberg", "bss", "cna", "cnn", "cp", "dpa", "efe", "europa press", "ians"),
    *("interfax", "irna", "itar-tass", "jiji", "kuna", "kyodo", "lusa", "nan", "ntb", "pa", "pap"),
    *("pa media", "pti", "reuters", "ria novosti", "ritzau", "sana", "spa", "stt"),
    *("tanjug", "tass", "the associated press", "associated press", "the canadian press"),
    *("thomson reuters foundation", "tt", "unb", "upi", "wafa", "wam", "xinhua", "yonhap"),
    "agence france-presse",
})  # fmt: skip
_DESKS = frozenset({"agencies", "agency", "desk", "newsroom", "services", "staff", "team", "wire"})
_MONTHS = re.compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\.?|january|february|march|april|"
    r"august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|"
    r"dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre",
    re.IGNORECASE,
)
_WEEKDAYS = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satu?r?|sun)(?:day)?\.?", re.IGNORECASE
)
_LABELS = frozenset(
    {
        *("ANALYSIS", "BREAKING", "CORRECTED", "CORRECTION", "DEVELOPING", "EDITORIAL"),
        *("EXCLUSIVE", "EXPLAINER", "FACT CHECK", "FACTBOX", "INTERVIEW", "KILL", "LIVE"),
        *("NEWS ANALYSIS", "NOTE", "OPINION", "PHOTOS", "REFILE", "REVIEW", "TIMELINE"),
        *("UPDATE", "UPDATED", "URGENT", "VIDEO", "WATCH", "WITHDRAWN", "BREAKING NEWS"),
    }
)
_SMALL = frozenset(
    {"al", "am", "and", "au", "da", "de", "del", "den", "der", "di", "du", "e", "en", "la", "le"}
    | {"les", "of", "on", "sur", "the", "upon", "y"}
)
_WORD = re.compile(r"[^\W\d_]+")
_MOSTLY = 0.7
_SHORTEST_ALONE = 3


@dataclass(slots=True)
class _Head:
    """What stands before the dash, taken apart."""

    place: str
    country: tuple[str, str] | None = None
    credit: str | None = None
    region: bool = False

    @property
    def is_certain(self) -> bool:
        return bool(self.credit or self.region or self.country)


def split_dateline(paragraph: str) -> tuple[Dateline | None, str | None, str]:
    """Return the dateline, its credit (the agency) and the paragraph without both.

    Without a dateline the paragraph comes back whole. The forms known: one to five capitalised
    words, then countries, states or dates after commas, a credit in brackets or after a date,
    then a dash.
    """
    dash = _DASH.search(paragraph[:_LONGEST])
    if not dash or not paragraph[dash.end() :]:
        return None, None, paragraph
    rest = paragraph[dash.end() :]
    head = _read_head(paragraph[: dash.start()].strip())
    if head is None or (rest[0].islower() and not head.is_certain):
        return None, None, paragraph
    name, code = head.country or (None, None)
    text = paragraph[: dash.end()].strip()
    return Dateline(text, head.place, name, code), head.credit, rest


def place_name(place: str) -> str:
    """Return the place of a dateline as it is written in a sentence: `TEL AVIV` to `Tel Aviv`."""
    return _WORD.sub(lambda word: _written(word[0], first=word.start() == 0), place)


def is_agency(name: str) -> bool:
    """Say whether a credit or byline names a news agency or a desk rather than a person."""
    plain = name.strip().casefold().removeprefix("by ")
    return plain in _AGENCIES or plain.split(" ")[-1] in _DESKS


def _read_head(text: str) -> _Head | None:
    match = _HEAD.fullmatch(text)
    if not match:
        return None
    place, *parts = [part.strip() for part in match["where"].split(",")]
    head = _Head(place)
    if match["credit"] and not _take_bracket(head, match["credit"].strip()):
        return None
    for part in (*parts, *(match["after"] or "").split(",")):
        if part.strip() and not _take_part(head, part.strip()):
            return None
    return head if _is_place(head) else None


def _take_bracket(head: _Head, text: str) -> bool:
    if found := find_country(text):
        head.country = found
        return True
    head.credit = text
    return bool(_CREDIT.fullmatch(text)) and len(text.split()) <= _MOST_WORDS


def _take_part(head: _Head, part: str) -> bool:
    """Read what follows a comma: a date and perhaps a credit, a country, an agency, a region."""
    words = part.split()
    undated = [word for word in words if not _is_date_word(word)]
    if len(undated) < len(words):
        head.credit = head.credit or " ".join(undated) or None
        return all(word.isupper() or is_agency(word) for word in undated)
    if found := find_country(part):
        head.country = found
        return True
    if is_agency(part) and not head.credit:
        head.credit = part
    head.region = True
    return len(words) <= _MOST_WORDS and not any(_is_low(word) for word in words)


def _is_date_word(word: str) -> bool:
    return (
        word[0].isdigit()
        or bool(_MONTHS.fullmatch(word.rstrip(".,")))
        or bool(_WEEKDAYS.fullmatch(word))
    )


def _is_place(head: _Head) -> bool:
    words = head.place.replace("/", " ").split()
    if not 1 <= len(words) <= _MOST_WORDS or any(_is_low(word) for word in words):
        return False
    if any(character.isdigit() for character in head.place) or head.place.upper() in _LABELS:
        return False
    if not all(_is_shouted(word) for word in words):
        located = bool(head.country or head.region)
        return bool(head.credit) and (is_agency(head.credit or "") or located)
    return head.is_certain or len(head.place) >= _SHORTEST_ALONE


def _is_low(word: str) -> bool:
    return (word[0].islower() and word not in _SMALL) or not any(c.isalpha() for c in word)


def _is_shouted(word: str) -> bool:
    """`BERLIN`, `McALLEN` and `de`; not `Berlin`."""
    letters = [character for character in word if character.isalpha()]
    return word in _SMALL or sum(c.isupper() for c in letters) >= _MOSTLY * len(letters)


def _written(word: str, *, first: bool) -> str:
    if not first and word.lower() in _SMALL:
        return word.lower()
    if not _is_shouted(word) or len(word) == 1:
        return word
    return "Mc" + word[2:].capitalize() if word.startswith("Mc") else word.capitalize()
