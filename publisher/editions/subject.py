"""What the inbox shows of an edition before it is opened: subject and preheader."""

from collections.abc import Sequence
from typing import Final

from jinja2 import Environment

from publisher.editions.shapes import Frame, StoryView
from publisher.pages.environment import render
from publisher.pages.languages import page_language
from publisher.pages.translations import words

SUBJECT_LIMIT: Final = 70
PREHEADER_LIMIT: Final = 100
_TEMPLATE: Final = "email/digest/subject.txt"


def subject_of(frame: Frame, stories: Sequence[StoryView], env: Environment) -> str:
    """Return the subject line: the editor's, or made from the first story; 70 characters."""
    if frame.subject.strip():
        return _one_line(frame.subject)
    context = page_language(frame.language)
    return _short(render(env, _TEMPLATE, frame=frame, stories=stories, **context), SUBJECT_LIMIT)


def preheader_of(frame: Frame, stories: Sequence[StoryView]) -> str:
    """Return what follows the subject: the editor's, or what else is in it; 100 characters."""
    if frame.preheader.strip():
        return _one_line(frame.preheader)
    titles = " · ".join(_one_line(view.title) for view in stories[1:5])
    if titles:
        return _short(words(frame.language)["plus"].format(titles=titles), PREHEADER_LIMIT)
    return _short(stories[0].summary or frame.newsletter, PREHEADER_LIMIT)


def _short(text: str, limit: int) -> str:
    """Cut at the end of a word; the ellipsis counts."""
    text = _one_line(text)
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ·,;:\u2013\u2014-") + "…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
