"""Looks at the documents that are up as a strict reader would: nothing is built or changed here."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import brotli
from lxml.etree import XMLSyntaxError

from publisher.feeds.files import Answer, Published
from publisher.feeds.formats import FORMATS, Format
from publisher.feeds.negotiate import IDENTITY
from publisher.feeds.paths import feed_path

_DECODE: Mapping[str, Callable[[bytes], bytes]] = {
    IDENTITY: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}
_OK, _NOT_MODIFIED = 200, 304


@dataclass(frozen=True, slots=True)
class Checked:
    """One document of a feed: its entries, its size in bytes, and what is wrong with it."""

    slug: str
    fmt: str
    entries: int = 0
    size: int = 0
    problems: tuple[str, ...] = ()


def check_feed(published: Published, slug: str, now: datetime) -> list[Checked]:
    """Every document of the feed, as it is served from the public folder."""
    return [_check(published, slug, fmt, now) for fmt in FORMATS]


def problems_of(fmt: Format, document: bytes) -> tuple[int, tuple[str, ...]]:
    """How many entries the document has, and what is wrong with it."""
    try:
        found = fmt.seen(document)
    except (XMLSyntaxError, ValueError, KeyError, TypeError) as error:
        return 0, (f"It cannot be read: {error}.",)
    ids, dates = [one for one, _ in found], [date for _, date in found]
    problems = []
    if not all(ids):
        problems.append("An entry has no id.")
    if len(set(ids)) != len(ids):
        problems.append("Two entries have the same id.")
    if dates != sorted(dates, reverse=True):
        problems.append("The entries are not in order, newest first.")
    return len(found), tuple(problems)


def _check(published: Published, slug: str, fmt: Format, now: datetime) -> Checked:
    path = f"/{feed_path(slug, fmt.name)}"
    plain = published.answer(path)
    if plain.status != _OK:
        return Checked(
            slug, fmt.name, problems=("It is not there. Build it: publisher feeds build",)
        )
    entries, problems = problems_of(fmt, plain.body)
    validators = [
        problem
        for encoding in _DECODE
        for problem in _problems_of_answers(published, path, encoding, plain)
    ]
    found = (*problems, *_problem_of_date(plain, now), *validators)
    return Checked(slug, fmt.name, entries, len(plain.body), found)


def _problems_of_answers(
    published: Published, path: str, encoding: str, plain: Answer
) -> list[str]:
    """Whether it reads the same in the encoding, and is not sent again to whoever has it."""
    problems = []
    answer = published.answer(path, accept_encoding=encoding)
    used = answer.headers.get("Content-Encoding", IDENTITY)
    try:
        same = _DECODE[used](answer.body) == plain.body
    except (OSError, EOFError, brotli.error):
        same = False
    if not same:
        problems.append(f"Its {used} file holds something else.")
    again = published.answer(
        path, accept_encoding=encoding, if_none_match=answer.headers.get("ETag", "")
    )
    if again.status != _NOT_MODIFIED or again.body:
        problems.append(f"Its ETag ({used}) is not answered by a 304.")
    return problems


def _problem_of_date(plain: Answer, now: datetime) -> list[str]:
    """A date to come would have programs wait for it; they send it back as it is."""
    since = plain.headers.get("Last-Modified", "")
    if parsedate_to_datetime(since) > now:
        return [f"Its Last-Modified ({since}) is in the future."]
    return []
