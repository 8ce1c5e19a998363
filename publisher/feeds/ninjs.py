"""ninjs 3.1 (IPTC): a story for the systems of other newsrooms, made from its feed entry. Pure.

What ninjs shares with the other formats (id, link, date, authors, text, picture) is taken from the
very entry that they are written from.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from publisher.feeds.bylines import people, without_addresses
from publisher.feeds.compose import web_address, went_out_at
from publisher.feeds.entry import Entry
from publisher.newsroom.characters import one_line
from publisher.newsroom.incoming import Image
from publisher.newsroom.models import ArticleRow, ArticleState, ArticleVersionRow

MEDIA_TYPE = "application/json; charset=utf-8"
_STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json",
}
_PLAIN, _HTML = "text/plain", "text/html"
_TRUST_INDICATOR = "http://cv.iptc.org/newscodes/trustindicator/"
_URGENCIES = range(1, 10)
_NOTES = {
    ArticleState.KILLED: "Killed. Do not use this story; take down what you have published of it.",
    ArticleState.WITHDRAWN: "Withdrawn. Please do not use this story any more.",
}

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Revision:
    """The newest thing that happened to a story: a number that only grows, and when it was."""

    number: int
    at: datetime


def usable(
    entry: Entry,
    article: ArticleRow,
    version: ArticleVersionRow,
    revision: Revision,
    *,
    trust: Sequence[tuple[str, str]] = (),
) -> Item:
    """The story as an item that may be used.

    `version` grows and `versionCreated` moves with whatever happens to the story, also where that
    is no news for readers. A correction is told to editors in `edNote` and stands in the text.
    `trust` are pages on how the newsroom works, each with its code. There is no `embargoedUntil`:
    a story under embargo is never made into an item.
    """
    item = {
        **_common(entry.id, revision, entry.published_at, entry.updated_at),
        "representationType": "full" if entry.is_whole else "partial",
        "pubStatus": "usable",
        "urgency": article.urgency if article.urgency in _URGENCIES else None,
        "edNote": _correction(article),
        "language": entry.language,
        "headlines": [{"role": "main", "contentType": _PLAIN, "value": entry.title}],
        "descriptions": [{"role": "summary", "contentType": _PLAIN, "value": entry.summary}],
        "bodies": [_body(entry, version)],
        "by": without_addresses(version.byline) or one_line(version.credit or ""),
        "people": [{"rel": "author", "name": name} for name in people(version.byline)],
        "infoSources": [{"name": name} for name in people(version.credit)],
        "subjects": list(_subjects(entry, article, version)),
        "located": one_line((version.dateline or {}).get("place") or ""),
        "slugline": version.slug,
        "renditions": [{"name": "web", "contentType": _HTML, "href": entry.url}],
        "associations": [_picture(entry.image)] if entry.image else [],
        **_terms(version),
        "trustIndicators": [
            {"role": f"{_TRUST_INDICATOR}{code}", "href": address} for code, address in trust
        ],
    }
    return _known(item)


def canceled(article: ArticleRow, revision: Revision) -> Item:
    """What is left of a story that was out and was killed or withdrawn: nothing of what it said."""
    published_at = went_out_at(article)
    left_at = (article.left_at or revision.at).replace(microsecond=0)
    item = {
        **_common(f"urn:uuid:{article.uuid}", revision, published_at, left_at),
        "pubStatus": "canceled",
        "edNote": _NOTES.get(article.state, _NOTES[ArticleState.WITHDRAWN]),
        "language": article.language.replace("_", "-"),
    }
    return _known(item)


def document(items: Sequence[Item]) -> bytes:
    """A feed: an object with the items in their order, each one complete in itself."""
    return b'{"items":[\n' + b",\n".join(map(_text, items)) + b"\n]}\n"


def item_document(item: Item) -> bytes:
    """One item alone."""
    return _text(item) + b"\n"


def _common(uri: str, revision: Revision, first: datetime, changed: datetime) -> Item:
    latest = max(first, changed, revision.at.replace(microsecond=0))
    return {
        "standard": _STANDARD,
        "uri": uri,
        "type": "text",
        "version": str(revision.number),
        "firstCreated": first.isoformat(),
        "versionCreated": latest.isoformat(),
    }


def _correction(article: ArticleRow) -> str:
    note = one_line(article.correction or "")
    return f"Correction: {note}" if note else ""


def _body(entry: Entry, version: ArticleVersionRow) -> Item:
    body: Item = {"role": "main", "contentType": _HTML, "value": entry.content}
    return {**body, "wordCount": version.word_count} if entry.is_whole else body


def _subjects(entry: Entry, article: ArticleRow, version: ArticleVersionRow) -> Iterable[Item]:
    section = one_line(version.section_name or "")
    for name in entry.categories:
        if name == section and article.section:
            yield {"rel": "category", "name": name, "literal": article.section}
        else:
            yield {"rel": "about", "name": name}


def _terms(version: ArticleVersionRow) -> Item:
    """How it may be used and for how long, and what made it, as far as its source says so."""
    rights = version.rights or {}
    page = web_address(rights.get("url"))
    return {
        "copyrightHolder": one_line(rights.get("holder") or ""),
        "copyrightNotice": one_line(rights.get("notice") or ""),
        "usageTerms": one_line(rights.get("terms") or ""),
        "rightsInfo": {"linkedRights": page} if page else None,
        "expires": version.expires_at.isoformat() if version.expires_at else None,
        "digitalSourceType": {"uri": version.digital_source} if version.digital_source else None,
    }


def _picture(image: Image) -> Item:
    described = [
        {"role": role, "contentType": _PLAIN, "value": text}
        for role, text in (("caption", image.caption), ("altText", image.alt))
        if text
    ]
    sizes = {"width": image.width, "height": image.height}
    known = {name: size for name, size in sizes.items() if isinstance(size, int)}
    picture = {
        "name": "main picture",
        "rel": "illustrates",
        "uri": image.url,
        "type": "picture",
        "by": image.credit,
        "descriptions": described,
        "renditions": [{"name": "original", "href": image.url, **known}],
    }
    return _known(picture)


def _known(fields: Mapping[str, Any]) -> Item:
    return {name: value for name, value in fields.items() if value}


def _text(item: Item) -> bytes:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
