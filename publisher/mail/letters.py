"""Renders letters, the mails to one person, in the same visual language as digests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment

from publisher.mail.inline import inline_css
from publisher.mail.styles import base_styles
from publisher.pages.environment import render
from publisher.pages.languages import page_language

LetterKind = Literal["confirm", "welcome", "goodbye"]


@dataclass(frozen=True, slots=True)
class LetterText:
    """What a letter is about: the list names, and the links and facts its kind prints."""

    language: str
    newsletters: Sequence[str]
    postal_address: str = ""
    confirm_url: str = ""
    unsubscribe_url: str = ""
    valid_days: int = 7


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A letter complete: one-line subject, plain text, inlined HTML."""

    subject: str
    text: str
    html: str


def render_letter(kind: LetterKind, letter: LetterText, env: Environment) -> RenderedLetter:
    """Render the letter as it will be sent; raises TemplateBrokenError for a faulty template."""
    folder = f"email/letters/{kind}"
    context = {name: getattr(letter, name) for name in LetterText.__slots__}
    context |= page_language(letter.language)
    subject = " ".join(render(env, f"{folder}/subject.txt", **context).split())
    text = render(env, f"{folder}/body.txt", **context).strip("\n") + "\n"
    styles = base_styles(env, letter.language)
    page = f"{folder}/body.html"
    html = render(env, page, subject=subject, preheader=subject, styles=styles, **context)
    return RenderedLetter(subject, text, inline_css(html, template=page))
