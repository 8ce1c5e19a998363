"""The base styles of every mail: those that are inlined, and what they may not do."""

import re
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from publisher.errors import TemplateBrokenError
from publisher.pages.environment import render
from publisher.pages.languages import page_language

STYLES: Final = "email/styles/base.css"

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTOR = re.compile(r"[a-z][a-z0-9]*(\.[\w-]+)*|(\.[\w-]+)+")


def base_styles(env: Environment, language: str) -> Markup:
    """Return the styles that are inlined; they depend on which way the language is written."""
    css = render(env, STYLES, **page_language(language))
    return Markup(css)  # noqa: S704 - a style sheet of ours, with nothing of an article in it


def refuse_dependent_styles(css: str) -> None:
    """Raise TemplateBrokenError unless every rule looks at one element alone.

    Class and type selectors only, no @-rule, no !important: only then is a block inlined alone
    the same as a block inlined among its neighbours.
    """
    css = _COMMENT.sub("", css)
    if "@" in css or "!important" in css:
        raise TemplateBrokenError(STYLES, "@-rules and !important belong in phone.css or dark.css.")
    for selectors, _ in _RULE.findall(css):
        for selector in selectors.split(","):
            if not _SELECTOR.fullmatch(selector.strip()):
                reason = f"“{selector.strip()}” is not a class or type selector."
                raise TemplateBrokenError(STYLES, reason)
