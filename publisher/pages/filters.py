"""Template filters: dates, times and numbers as a reader of the language writes them."""

import textwrap
from collections.abc import Iterable
from datetime import datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from publisher.pages.languages import locale_of

PLAIN_WIDTH = 72


def long_date(at: datetime, zone: str | tzinfo, language: str) -> str:
    """The date on the clock of `zone`, in full: `Tuesday 10 March 2026`."""
    return format_date(at.astimezone(_zone(zone)), format="full", locale=locale_of(language))


def short_time(at: datetime, zone: str | tzinfo, language: str) -> str:
    """Hour and minute on the clock of `zone`: `07:00` or `7:00 AM`."""
    return format_time(at, format="short", tzinfo=_zone(zone), locale=locale_of(language))


def number(value: float, language: str = "en") -> str:
    """A number with the language's separators: `12,481`."""
    return format_decimal(value, locale=locale_of(language))


def joined(names: Iterable[str], language: str) -> str:
    """Names in a row: `Morning briefing, Harbour news, and Sport`."""
    return format_list(list(names), locale=locale_of(language))


def fill(text: str, indent: int = 0, hang: str = "") -> str:
    """Wrap text for a plain mail at 72 columns; `hang` stands before the first line."""
    return _wrapped(" ".join(text.split()), indent, hang)


@lru_cache(maxsize=2048)
def _wrapped(text: str, indent: int, hang: str) -> str:
    """Kept, because a story's summary stands in hundreds of variants."""
    return textwrap.fill(
        text,
        width=PLAIN_WIDTH,
        initial_indent=hang or " " * indent,
        subsequent_indent=" " * max(indent, len(hang)),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _zone(zone: str | tzinfo) -> tzinfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone
