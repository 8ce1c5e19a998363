"""Who wrote a story: the people that a byline names. Pure."""

import re

from publisher.newsroom.characters import one_line

_LISTED = re.compile(r"\s*[,;]\s*")
_JOINED = re.compile(r"\s+(?:and|&|und|et|en|og|och)\s+")
_MAIL = re.compile(r"\s?[<(\[]?[^\s<>()\[\]]{1,64}@[^\s<>()\[\],;]{1,255}[>)\]]?")
_BELONGS_TO_THE_NAME = re.compile(r"(?:Jr|Sr|II|III|IV|MD|M\.D|PhD|Ph\.D|Esq|OBE|MBE|CBE)\.?")


def people(byline: str | None) -> tuple[str, ...]:
    """The names in the order of the byline, each once: `Mara Quill, Tom Reed and Ines Carrow`.

    What is joined by “and” is taken apart only where both sides can be a first and a last name:
    “Staff and agencies” stays whole. Mail addresses are nobody's name, and stay in the house.
    """
    names: list[str] = []
    for name in _LISTED.split(without_addresses(byline)):
        if names and _BELONGS_TO_THE_NAME.fullmatch(name):
            names[-1] += f", {name}"
        else:
            names += _apart(name)
    return tuple(dict.fromkeys(filter(None, names)))


def without_addresses(byline: str | None) -> str:
    """The byline as it was written, on one line, less its mail addresses."""
    return _MAIL.sub("", one_line(byline or "")).strip()


def _apart(name: str) -> list[str]:
    parts = _JOINED.split(name)
    return parts if all(" " in part for part in parts) else [name]
