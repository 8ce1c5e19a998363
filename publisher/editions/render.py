"""Renders an edition for the readers who get exactly the same blocks: its variant.

The expensive work is done once: blocks and frame come inlined from the cache, a variant joins them.
Same input, same bytes.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from publisher.editions.arrange import Placed, Section, arranged
from publisher.editions.blocks import (
    END,
    FRAME,
    MARK,
    BlockCache,
    Looks,
    heading_source,
    inlined_block,
    inlined_frame,
    story_source,
)
from publisher.editions.shapes import Frame, RenderedVariant
from publisher.editions.subject import preheader_of, subject_of
from publisher.errors import RefusedError, TemplateBrokenError
from publisher.mail.splice import Slot, make_slots
from publisher.mail.styles import base_styles
from publisher.pages.environment import render
from publisher.pages.languages import page_language

TEXT: Final = "email/digest/body.txt"
NEEDED_SLOTS: Final = ("unsubscribe_url", "web_url")

# Gmail cuts a mail off at about 102 KB; the rest is room for the readers' own links.
WARN_BYTES: Final = 80_000
REFUSE_BYTES: Final = 100_000

# Stand in the kept frame where a variant's own subject and preheader will.
_STAMP: Final = "5f0c9a3e17b2"
_SUBJECT: Final = f"subject-{_STAMP}"
_PREHEADER: Final = f"preheader-{_STAMP}"

_TRAILING: Final = re.compile(r"[ \t]+$", re.MULTILINE)
_BLANK_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Headed:
    """What a variant writes into the frame that its edition keeps."""

    subject: str
    preheader: str
    slots: Mapping[str, Slot]

    def fill(self, page: str) -> str:
        """Complete the kept frame with this variant's subject, preheader and slots."""
        page = page.replace(_SUBJECT, escape(self.subject, quote=False))
        page = page.replace(_PREHEADER, escape(self.preheader, quote=False))
        for name, stand_in in make_slots(FRAME).items():
            page = page.replace(stand_in.pattern, self.slots[name].pattern)
        if _STAMP in page.lower():
            raise TemplateBrokenError(
                FRAME, "subject and preheader may only be printed as they are."
            )
        return page


def render_variant(
    frame: Frame,
    placed: Placed,
    slots: Mapping[str, Slot],
    blocks: BlockCache,
    env: Environment,
    *,
    looks: Looks | None = None,
) -> RenderedVariant:
    """Render the mail of a variant, its slots still open; `placed` is in the edition's order.

    With the `looks` of an edition, what an earlier variant of it showed is not rendered again.

    Leads come first, the others under their section, sections in order of first appearance.
    Raises TemplateBrokenError for a faulty template, RefusedError if there is no story or the
    HTML has 100 KB or more, which mail programs would cut off.
    """
    if not placed:
        raise RefusedError("An edition needs at least one story; add one, or cancel the edition.")
    sections = arranged(placed, frame.language)
    stories = [view for section in sections for view, _ in section.stories]
    headed = Headed(subject_of(frame, stories, env), preheader_of(frame, stories), slots)
    html = _html(frame, sections, blocks, env, headed, looks=looks or Looks())
    text = _text(frame, sections, slots, env)
    _require_slots(slots, html, text)
    size = len(html.encode())
    return RenderedVariant(headed.subject, headed.preheader, html, text, size, _size_warnings(size))


def block_sources(sections: Sequence[Section], language: str, env: Environment) -> Iterator[str]:
    """Render every block of the mail in order, before inlining."""
    for _, source in _pieces(sections, language, env):
        yield source()


def frame_source(frame: Frame, styles: str, env: Environment) -> str:
    """Render the frame's page before inlining, without blocks and the same for all its variants."""
    return render(
        env,
        FRAME,
        frame=frame,
        subject=_SUBJECT,
        preheader=_PREHEADER,
        slots=make_slots(FRAME),
        styles=styles,
        blocks=Markup(MARK + END),  # noqa: S704 - two comments of ours
        **page_language(frame.language),
    )


def _html(
    frame: Frame,
    sections: Sequence[Section],
    blocks: BlockCache,
    env: Environment,
    headed: Headed,
    *,
    looks: Looks,
) -> str:
    styles = cache(lambda: base_styles(env, frame.language))

    def inlined(source: Callable[[], str]) -> Callable[[], str]:
        return lambda: inlined_block(blocks, env, source(), styles())

    page = looks.of(
        frame, lambda: inlined_frame(blocks, frame_source(frame, styles(), env), styles())
    )
    joined = "".join(
        looks.of(piece, inlined(source)) for piece, source in _pieces(sections, frame.language, env)
    )
    return headed.fill(page).replace(MARK + END, joined)


def _pieces(
    sections: Sequence[Section], language: str, env: Environment
) -> Iterator[tuple[Hashable, Callable[[], str]]]:
    """What tells each block of the mail from others, in order, and how to render it."""
    for section in sections:
        yield (section.name, language), partial(heading_source, env, section.name, language)
        for view, role in section.stories:
            yield (view, role, language), partial(story_source, env, view, role, language)


def _text(
    frame: Frame,
    sections: Sequence[Section],
    slots: Mapping[str, Slot],
    env: Environment,
) -> str:
    context = page_language(frame.language)
    text = render(env, TEXT, frame=frame, sections=sections, slots=slots, **context)
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("", text)).strip("\n") + "\n"


def _require_slots(slots: Mapping[str, Slot], html: str, text: str) -> None:
    for template, part in ((FRAME, html), (TEXT, text)):
        for name in NEEDED_SLOTS:
            if slots[name].pattern not in part:
                raise TemplateBrokenError(template, f"it must print {{{{ slots.{name} }}}}.")


def _size_warnings(html_bytes: int) -> tuple[str, ...]:
    size = f"The HTML has {html_bytes / 1000:.0f} KB"
    if html_bytes >= REFUSE_BYTES:
        raise RefusedError(
            f"{size}; mail programs cut off from {REFUSE_BYTES // 1000} KB. Take stories out, "
            "or let more of them run as a line."
        )
    if html_bytes > WARN_BYTES:
        return (f"{size}; from {REFUSE_BYTES // 1000} KB on it is refused. Take stories out.",)
    return ()
