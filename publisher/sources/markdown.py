"""Reads a Markdown file with front matter, the way an editor hands in a story from a folder."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Literal

from markdown_it import MarkdownIt

from publisher.errors import InvalidInputError
from publisher.newsroom.incoming import Comments, Image, Incoming, Rights, Signal
from publisher.newsroom.markup import plain_paragraphs
from publisher.newsroom.newscodes import digital_source
from publisher.newsroom.text import section_name, section_slug
from publisher.sources.body import byline_and_credit, language_tag, open_body, web_address
from publisher.sources.decoding import decode_text
from publisher.sources.front_matter import FrontMatter, split_front_matter
from publisher.sources.times import read_embargo, read_time
from publisher.sources.verdict import Origin, checked, unusable

_TITLES = ("title", "headline")
_DATES = ("date", "published", "published_at")
_UPDATES = ("updated", "updated_at", "modified")
_EMBARGOES = ("embargo", "embargo_until", "embargoed", "embargoed_until")
_EXPIRIES = ("expires", "expires_at")
_LICENCES = ("license", "licence")
_DIGITAL_SOURCES = ("digital_source_type", "digital_source")
_SIGNALS: dict[str, Signal] = {
    **dict.fromkeys(("usable", "published", "publish", "live", "final"), "usable"),
    **dict.fromkeys(("hold", "held", "on_hold", "withheld"), "hold"),
    **dict.fromkeys(("withdrawn", "withdraw", "retracted"), "withdraw"),
    **dict.fromkeys(("killed", "kill", "canceled", "cancelled"), "kill"),
}
_RIGHTS: dict[str, Literal["full", "summary"]] = {"full": "full", "summary": "summary"}
_URGENCIES = {str(number): number for number in range(1, 10)}
_FIRST_HEADING = re.compile(r"\s*<h1>(.*?)</h1>", re.DOTALL)
_LONGEST_BODY = 1_000_000
_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True)
class _Status:
    signal: Signal = "usable"
    note: str | None = None
    problem: str | None = None


def parse_markdown(
    raw: bytes, *, source: str, external_id: str, language: str, zone: tzinfo
) -> Incoming:
    """Read front matter and text; never raises, what cannot be used carries its `problem`.

    A time without a zone is in the source's `zone`; an embargo without one is held until a
    person decides.
    """
    origin = Origin(source, external_id, language, zone)
    try:
        matter, body = split_front_matter(decode_text(raw))
    except InvalidInputError as refusal:
        return unusable(str(refusal), source=source, external_id=external_id, language=language)
    origin = replace(
        origin,
        external_id=matter.text("id") or external_id,
        language=language_tag(matter.text("language", "lang")) or language,
    )
    return checked(_with_terms(_story(matter, body, origin), matter, origin.zone))


def _story(matter: FrontMatter, markdown: str, origin: Origin) -> Incoming:
    url = web_address(matter.text("url", "link"))
    too_long = len(markdown) > _LONGEST_BODY
    title, html = _headline(matter, "" if too_long else _READER.render(markdown))
    body = open_body(html, base_url=url)
    byline, credit = byline_and_credit(
        matter.texts("author", "byline", "authors"), matter.text("credit") or body.credit
    )
    section = matter.text("section", "category")
    return Incoming(
        source=origin.source,
        external_id=origin.external_id,
        title=title,
        paragraphs=body.paragraphs,
        body_html=body.html,
        version_at=_time(matter, _UPDATES, origin.zone),
        language=origin.language,
        section=section_slug(section) if section else None,
        section_name=section_name(section) if section else None,
        section_printed=section,
        deck=matter.text("deck", "subtitle", "standfirst"),
        summary=matter.text("summary", "description"),
        dateline=body.dateline,
        credit=credit,
        byline=byline,
        published_at=_time(matter, _DATES, origin.zone),
        url=url,
        image=_image(matter, url),
        tags=matter.texts("tags", "keywords"),
        comments=_comments(matter, url),
        unparsed_head=_unparsed(matter, origin.zone),
        urgency=_URGENCIES.get(matter.text("urgency", "priority") or ""),
        problem="The text is over a million characters long. Split it." if too_long else None,
    )


def _with_terms(incoming: Incoming, matter: FrontMatter, zone: tzinfo) -> Incoming:
    """Add what the editor says about the story: when and how it may be used, if at all."""
    status, until = _status(matter), _embargo(matter)
    return replace(
        incoming,
        rights_status=_RIGHTS.get((matter.text("rights") or "").lower(), "unknown"),
        rights=_rights(matter),
        expires_at=_time(matter, _EXPIRIES, zone),
        digital_source=digital_source(matter.text(*_DIGITAL_SOURCES)),
        embargo_until=until,
        embargo_held=until is None and matter.has(*_EMBARGOES),
        signal=status.signal,
        note=status.note,
        problem=incoming.problem or status.problem,
    )


def _headline(matter: FrontMatter, html: str) -> tuple[str, str]:
    """Take the headline from the front matter or the first heading, and never show it twice."""
    written = matter.text(*_TITLES) or ""
    heading = _FIRST_HEADING.match(html)
    text = " ".join(plain_paragraphs(heading[1])) if heading else ""
    if heading and text and (not written or text.casefold() == written.casefold()):
        return written or text, html[heading.end() :]
    return written, html


def _status(matter: FrontMatter) -> _Status:
    correction = matter.text("correction")
    written = matter.text("status")
    signal = _SIGNALS.get((written or "usable").lower().replace(" ", "_"))
    if signal is None:
        problem = (
            f"The status “{written}” is not known: write published, hold, withdrawn or killed, "
            "or leave it out."
        )
        return _Status(note=correction, problem=problem)
    if signal == "usable" and correction:
        return _Status("correction", correction)
    return _Status(signal, correction or matter.text("reason"))


def _embargo(matter: FrontMatter) -> datetime | None:
    """Return the latest of the embargoes written; None if one of them cannot be read."""
    written = [matter.text(key) or "" for key in _EMBARGOES if matter.has(key)]
    times = [read_embargo(text) for text in written]
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None


def _time(matter: FrontMatter, keys: tuple[str, ...], zone: tzinfo) -> datetime | None:
    written = matter.text(*keys)
    return read_time(written, zone) if written else None


def _unparsed(matter: FrontMatter, zone: tzinfo) -> tuple[str, ...]:
    """Keep what was written but could not be read, word for word, for the editors."""
    lines = []
    for keys in (_DATES, _UPDATES, _EXPIRIES):
        written = matter.text(*keys)
        if written and read_time(written, zone) is None:
            lines.append(f"{keys[0]}: {written}")
    urgency = matter.text("urgency", "priority")
    if urgency and urgency not in _URGENCIES:
        lines.append(f"urgency: {urgency}")
    for keys, read in ((_LICENCES, web_address), (_DIGITAL_SOURCES, digital_source)):
        written = matter.text(*keys)
        if written and read(written) is None:
            lines.append(f"{keys[0]}: {written}")
    return tuple(lines)


def _rights(matter: FrontMatter) -> Rights:
    return Rights(
        holder=matter.text("copyright_holder"),
        notice=matter.text("copyright", "copyright_notice"),
        terms=matter.text("usage_terms"),
        url=web_address(matter.text(*_LICENCES)),
    )


def _image(matter: FrontMatter, base_url: str | None) -> Image | None:
    part = matter.part("image")
    url = web_address(matter.text("image") or part.text("url", "src"), base_url)
    if url is None:
        return None
    return Image(
        url=url,
        alt=matter.text("image_alt") or part.text("alt") or "",
        credit=matter.text("image_credit") or part.text("credit"),
        caption=matter.text("image_caption") or part.text("caption"),
    )


def _comments(matter: FrontMatter, base_url: str | None) -> Comments | None:
    url = web_address(matter.text("comments_url"), base_url)
    return Comments(open=True, url=url) if url else None
