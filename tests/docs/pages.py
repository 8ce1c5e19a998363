"""The project's Markdown pages as tests read them: their text, code blocks, links and headings."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.services.environment import ROOT

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4}.*\n?)+", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `name` is its path from the top of the project."""

    name: str
    text: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    def code(self, language: str) -> list[str]:
        """The fenced blocks of a language, in order."""
        return [body for word, body in _FENCED.findall(self.text) if word == language]

    def code_lines(self) -> list[str]:
        """Every line of a block and every piece of code in a sentence."""
        blocks = [body for _, body in _FENCED.findall(self.text)]
        prose = _FENCED.sub("", self.text)
        blocks += _INDENTED.findall(prose)
        spans = _SPAN.findall(_INDENTED.sub("", prose))
        return [line.strip() for block in [*blocks, *spans] for line in block.splitlines()]

    def links(self) -> list[str]:
        prose = _FENCED.sub("", self.text)
        return [one or other for one, other in _LINK.findall(prose)]

    def anchors(self) -> set[str]:
        """Where a link with `#` may lead: headings, in small letters, with hyphens for blanks."""
        return {_anchor(heading) for heading in _HEADING.findall(_FENCED.sub("", self.text))}


@cache
def pages() -> tuple[Page, ...]:
    """All pages at the top, in docs and beside the tests."""
    top = sorted(ROOT.glob("*.md"))
    below = sorted((ROOT / "docs").rglob("*.md"))
    found = [*top, *below, ROOT / "tests" / "README.md"]
    return tuple(
        Page(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in found
    )


def page(name: str) -> Page:
    return next(one for one in pages() if one.name == name)


def _anchor(heading: str) -> str:
    kept = (
        sign for sign in heading.lower() if sign in " -_" or unicodedata.category(sign)[0] in "LN"
    )
    return "".join(kept).strip().replace(" ", "-")
