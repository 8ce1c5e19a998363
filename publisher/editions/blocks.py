"""Blocks: the pieces of a digest, each inlined once, alone, and kept.

A piece is kept under what it looked like before inlining, styles included. So a changed story, a
changed template or another language is another piece by itself, nothing ever has to be thrown
out, and the same story in another edition or for other readers costs no second inlining.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from publisher.editions.shapes import Role, StoryView
from publisher.errors import TemplateBrokenError
from publisher.mail.inline import inline_css
from publisher.mail.styles import refuse_dependent_styles
from publisher.pages.environment import render
from publisher.pages.languages import page_language

FRAME: Final = "email/digest/body.html"
ALONE: Final = "email/digest/block.html"
MARK: Final = "<!--blocks-->"
END: Final = "<!--/blocks-->"


class BlockCache:
    """Inlined pieces in memory, the longest unused leaving first; `inlinings` counts the work."""

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[bytes, str] = OrderedDict()
        self._lock = Lock()
        self.inlinings = 0

    def piece(self, source: str, make: Callable[[], str]) -> str:
        """Return the piece made from `source`: kept, or made now and kept."""
        key = hashlib.sha256(source.encode()).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self.inlinings += 1
            self._kept[key] = made
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return made


class Looks:
    """How the frame and the blocks of one edition look, from its first variant on.

    The cache above spares inlining, this spares rendering, too: templates that change meanwhile
    show in the next edition.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, str] = {}

    def of(self, piece: Hashable, make: Callable[[], str]) -> str:
        """Return how `piece` looks: as before, or as made now."""
        known = self._known.get(piece)
        if known is None:
            known = self._known[piece] = make()
        return known


def story_source(env: Environment, view: StoryView, role: Role, language: str) -> str:
    """Render a story in its role, before inlining; `language` is the newsletter's."""
    template = f"email/digest/{role}.html"
    return render(env, template, story=view, role=role, **page_language(language))


def heading_source(env: Environment, name: str, language: str) -> str:
    """Render a section heading, before inlining."""
    return render(env, "email/digest/section.html", name=name, **page_language(language))


def inlined_block(cache: BlockCache, env: Environment, source: str, styles: Markup) -> str:
    """Return the block as it stands in a finished mail: inlined alone, with the frame's styles."""
    return cache.piece(styles + source, lambda: _cut_out(_alone(env, source, styles)))


def inlined_frame(cache: BlockCache, source: str, styles: Markup) -> str:
    """Inline the frame's page, with `MARK` and `END` left where its blocks belong."""
    if source.count(MARK + END) != 1:
        raise TemplateBrokenError(FRAME, "it must print {{ blocks }} once, where the stories go.")

    def make() -> str:
        refuse_dependent_styles(styles)
        return inline_css(source, template=FRAME)

    return cache.piece(source, make)


def _alone(env: Environment, source: str, styles: Markup) -> str:
    block = Markup(MARK + source + END)  # noqa: S704 - rendered by us, escaped there
    return inline_css(render(env, ALONE, block=block, styles=styles), template=ALONE)


def _cut_out(page: str) -> str:
    return page.partition(MARK)[2].rpartition(END)[0]
