"""Puts the styles of a mail where mail programs look for them: on each element.

Premailer asks cssutils to parse the styles, and cssutils fetches every `@import`, from the network
and from disk, whatever premailer was told. Two doors are shut here: such a style is refused before
it is parsed, and cssutils' own fetcher is replaced by one that fetches nothing.
"""

import logging
import re
import sys
from collections import OrderedDict
from threading import Lock
from typing import Any

import cssutils.util
from premailer import Premailer

from publisher.errors import TemplateBrokenError

_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_IMPORT = re.compile(r"@\s*import\b", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")  # CSS Syntax 3, 4.3.7: @\69mport is an import
_LINKED_STYLES = re.compile(r"<link\b[^>]*\bstylesheet\b", re.IGNORECASE)

# The parser's sheets, log level and fetcher are global to the process.
_one_at_a_time = Lock()
_KEPT_SHEETS = 8


def inline_css(html: str, *, template: str = "mail") -> str:
    """Return the page with its base styles inlined; `<style data-premailer="ignore">` stays.

    Deterministic; touches neither network nor disk. Raises TemplateBrokenError, naming `template`,
    for styles from outside and for styles that cannot be parsed.
    """
    _refuse_outside_styles(html, template)
    asked_for: list[str] = []
    with _one_at_a_time:
        cssutils.util._defaultFetcher = asked_for.append  # noqa: SLF001 - there is no public way
        inlined = _transform(html, template)
    if asked_for:
        raise TemplateBrokenError(template, _no_outside_styles(asked_for[0]))
    return inlined


def _refuse_outside_styles(html: str, template: str) -> None:
    if _LINKED_STYLES.search(html):
        raise TemplateBrokenError(template, _no_outside_styles('<link rel="stylesheet">'))
    if any(_IMPORT.search(_unescaped(style)) for style in _STYLE.findall(html)):
        raise TemplateBrokenError(template, _no_outside_styles("@import"))


def _unescaped(css: str) -> str:
    return _ESCAPED.sub(lambda found: chr(min(int(found[1], 16), sys.maxunicode)), css)


def _no_outside_styles(found: str) -> str:
    return f"{found} brings styles from outside; write them into the template instead."


def _transform(html: str, template: str) -> str:
    try:
        return str(
            _Inliner(
                html,
                strip_important=False,
                keep_style_tags=False,
                disable_validation=True,
                allow_network=False,
                allow_loading_external_files=False,
                disable_basic_attributes=["width", "height"],
                align_floating_images=False,
                remove_classes=False,
                cssutils_logging_level=logging.CRITICAL,
            ).transform(pretty_print=False)
        )
    except Exception as error:  # odd styles fail in a dozen ways, all the template's
        raise TemplateBrokenError(template, f"its styles cannot be inlined: {error}") from error


class _Inliner(Premailer):  # type: ignore[misc]  # it has no types
    """Premailer, but for the rules of a style sheet, which it reads once.

    Every block of a mail is inlined alone with the same styles, and nine tenths of the time went
    into writing these down again. Should premailer name its step otherwise one day, this is never
    asked, and inlining takes longer.
    """

    _kept: OrderedDict[tuple[str, int], tuple[list[Any], list[Any]]] = OrderedDict()  # noqa: RUF012

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        key = css_body, ruleset_index
        if key not in self._kept:
            self._kept[key] = super()._parse_style_rules(css_body, ruleset_index)
            while len(self._kept) > _KEPT_SHEETS:
                self._kept.popitem(last=False)
        rules, left = self._kept[key]
        return list(rules), list(left)
