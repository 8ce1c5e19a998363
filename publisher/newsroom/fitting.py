"""Makes what a source hands in fit to be stored, whatever adapter it came through. Pure."""

import hashlib
import re
from dataclasses import astuple, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from publisher.newsroom.characters import is_storable, one_line, printable
from publisher.newsroom.incoming import Incoming, Rights
from publisher.newsroom.markup import absolute_url
from publisher.newsroom.newscodes import digital_source

LONGEST_TITLE = 500
LONGEST_RIGHTS = 2000
_LONGEST_ID = 512
_LONGEST_SECTION = 64
_LONGEST_LANGUAGE = 16
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}([-_][A-Za-z0-9]{1,8})*")
_UNDETERMINED = "und"
_URGENCIES = range(1, 10)


def fitted(incoming: Incoming, now: datetime) -> Incoming:
    """The same article with clean text, in the sizes of the store, its times aware and in UTC.

    A time without a zone is no time: an embargo written like that is held until an editor acts.
    No version is newer than `now`. What may not be published gets its `problem`.
    """
    clean: Incoming = _clean(incoming)
    fit = replace(
        clean,
        external_id=_id_that_fits(incoming.external_id),
        section=(clean.section or "")[:_LONGEST_SECTION] or None,
        language=_language_that_fits(clean.language),
        urgency=clean.urgency if clean.urgency in _URGENCIES else None,
        rights=_rights_that_fit(clean.rights or Rights()),
        digital_source=digital_source(clean.digital_source),
        version_at=min(clean.version_at, now) if clean.version_at else None,
        embargo_held=clean.embargo_held or clean.embargo_until != incoming.embargo_until,
    )
    return replace(fit, problem=fit.problem or _problem(fit))


def is_wordless(incoming: Incoming) -> bool:
    """Whether it is an order without a story: hold, withdraw and kill need no text."""
    return not (incoming.title and incoming.paragraphs)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(_clean(one) for one in value)
    if isinstance(value, datetime):
        return _in_utc(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{one.name: _clean(getattr(value, one.name)) for one in fields(value)}
        )
    return value


def _in_utc(at: datetime) -> datetime | None:
    try:
        return at.astimezone(UTC) if at.utcoffset() is not None else None
    except OverflowError:  # within a day of the years 1 and 9999
        return None


def _id_that_fits(written: str) -> str:
    """Two ids stay two: what cannot be stored becomes %XX, what is too long ends in a hash."""
    text = "".join(one if is_storable(one) else _quoted(one) for one in written)
    if len(text) <= _LONGEST_ID:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: _LONGEST_ID - len(digest) - 1]}~{digest}"


def _quoted(character: str) -> str:
    return quote(character.encode("utf-8", "surrogatepass"), safe="")


def _language_that_fits(tag: str) -> str:
    """The tag, without what follows its first part if it is long; `und` for what is none."""
    fit = tag if len(tag) <= _LONGEST_LANGUAGE else tag.partition("-")[0]
    return fit if _LANGUAGE.fullmatch(fit) else _UNDETERMINED


def _rights_that_fit(rights: Rights) -> Rights | None:
    """What is said of them at all; an address only where it is one."""
    fit = Rights(
        holder=one_line(rights.holder or "") or None,
        notice=one_line(rights.notice or "") or None,
        terms=one_line(rights.terms or "") or None,
        url=absolute_url(rights.url or "", None, ("http", "https")),
    )
    return fit if fit != Rights() else None


def _problem(incoming: Incoming) -> str | None:
    if incoming.signal not in {"usable", "correction"}:
        return None  # an order must not fail because of the story it is about
    if len(incoming.title) > LONGEST_TITLE:
        return (
            f"The headline has {len(incoming.title)} characters, it may have at most "
            f"{LONGEST_TITLE}. Is a line break missing after it?"
        )
    if is_wordless(incoming):
        return "There is no headline or no text. Send the story again with both."
    if any(len(said or "") > LONGEST_RIGHTS for said in astuple(incoming.rights or Rights())):
        return (
            f"What is said of rights may have {LONGEST_RIGHTS} characters at most. Put it on a "
            "page and give its address."
        )
    return None
