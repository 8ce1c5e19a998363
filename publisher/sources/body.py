"""What Markdown and pages have in common once they are HTML: the body, its dateline, its people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from publisher.newsroom.dateline import is_agency, split_dateline
from publisher.newsroom.incoming import Dateline
from publisher.newsroom.markup import absolute_url, clean_html, plain_paragraphs, without_opening
from publisher.newsroom.text import one_line

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
_LONGEST_LANGUAGE = 16


@dataclass(frozen=True, slots=True)
class Body:
    """A cleaned body and its paragraphs, both without the dateline."""

    html: str
    paragraphs: tuple[str, ...]
    dateline: Dateline | None
    credit: str | None


def open_body(html: str, *, base_url: str | None) -> Body:
    """Clean a body and take the dateline off its first paragraph."""
    cleaned = clean_html(html, base_url=base_url)
    paragraphs = plain_paragraphs(cleaned)
    dateline, credit, opening = split_dateline(paragraphs[0]) if paragraphs else (None, None, "")
    if dateline is None:
        return Body(cleaned, paragraphs, None, None)
    return Body(
        without_opening(cleaned, dateline.text), (opening, *paragraphs[1:]), dateline, credit
    )


def byline_and_credit(names: Iterable[str], credit: str | None) -> tuple[str | None, str | None]:
    """Tell people from agencies: people make the byline, an agency the credit if there is none."""
    people = []
    for name in map(_name, names):
        if not name or name == credit:
            continue
        if not is_agency(name):
            people.append(name)
        elif credit is None:
            credit = name
    return ", ".join(dict.fromkeys(people)) or None, credit


def web_address(url: str | None, base_url: str | None = None) -> str | None:
    """Return an absolute http or https address, or None."""
    return absolute_url(url, base_url, ("http", "https")) if url else None


def language_tag(written: str | None) -> str | None:
    """Return a BCP 47 tag (`en_US` becomes `en-US`), or None for anything else."""
    tag = (written or "").strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) and len(tag) <= _LONGEST_LANGUAGE else None


def _name(written: str) -> str:
    name = re.sub(r"^(?:by|von|par)[ :]+", "", one_line(written), flags=re.IGNORECASE)
    return "" if re.search(r"https?:|@", name) else name
