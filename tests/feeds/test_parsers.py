"""Two independent readers find the same in every format."""

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from lxml import etree

from publisher.feeds.entry import Entry
from publisher.feeds.formats import FORMATS
from publisher.newsroom.incoming import Image
from tests.feeds.samples import entry, head, read

NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "c": "http://purl.org/rss/1.0/modules/content/",
    "d": "http://purl.org/dc/elements/1.1/",
    "m": "http://search.yahoo.com/mrss/",
}
CORPUS = [
    entry(1),
    entry(2, authors=("Mara Quill", "Tom Reed", "Ines Carrow")),
    entry(3, authors=(), image=None, categories=(), comments_url=None),
    entry(4, title="AT&T <b>in</b> the “mud” &nbsp;", content="<p>if (a[b[0]]>1) ]]> x</p>"),
    entry(5, language="ar", title="عودة الأضواء", content='<div dir="rtl" lang="ar">و</div>'),
    entry(6, title="👩‍👩‍👧‍👦 🇳🇱 e\u0301", image=Image("https://pics.example/a.jpg?b=1&c=2")),
    entry(7, content="<p>" + "lamp &amp; " * 20_000 + "</p>"),
    entry(8, summary="Correction: It was Tuesday. — The lamps were lit."),
]


@pytest.mark.parametrize("written", CORPUS, ids=lambda one: one.id[-1])
def test_every_format_says_the_same_to_both(written: Entry) -> None:
    documents = {fmt.name: fmt.document(head(fmt.name), [fmt.fragment(written)]) for fmt in FORMATS}
    [[first], *others] = [read(text, name) for name, text in documents.items()]
    assert others == [[first], [first]]
    strictly = [
        _from_rss(documents["rss"]),
        _from_atom(documents["atom"]),
        _from_json(documents["json"]),
    ]
    more = {"summary": written.summary, "language": written.language}
    assert strictly == [first | more] * 3


def _from_rss(text: bytes) -> dict[str, Any]:
    item = etree.fromstring(text).find("channel/item")
    assert item is not None
    assert item.find("enclosure") is None
    return {
        "id": item.findtext("guid"),
        "link": item.findtext("link"),
        "title": item.findtext("title"),
        "summary": _unescaped(item.findtext("description", "")),
        "content": item.findtext("c:encoded", None, NAMES),
        "published": parsedate_to_datetime(item.findtext("pubDate", "")),
        "updated": datetime.fromisoformat(item.findtext("a:updated", "", NAMES)),
        "authors": [one.text for one in item.iterfind("d:creator", NAMES)],
        "categories": [one.text for one in item.iterfind("category")],
        "language": item.findtext("d:language", None, NAMES),
        "image": next((one.get("url") for one in item.iterfind("m:content", NAMES)), None),
    }


def _from_atom(text: bytes) -> dict[str, Any]:
    item = etree.fromstring(text).find("a:entry", NAMES)
    assert item is not None
    links = {link.get("rel"): link.get("href") for link in item.iterfind("a:link", NAMES)}
    assert "enclosure" not in links
    return {
        "id": item.findtext("a:id", None, NAMES),
        "link": links["alternate"],
        "title": item.findtext("a:title", None, NAMES),
        "summary": item.findtext("a:summary", None, NAMES),
        "content": item.findtext("a:content", None, NAMES),
        "published": datetime.fromisoformat(item.findtext("a:published", "", NAMES)),
        "updated": datetime.fromisoformat(item.findtext("a:updated", "", NAMES)),
        "authors": [one.text for one in item.iterfind("a:author/a:name", NAMES)],
        "categories": [one.get("term") for one in item.iterfind("a:category", NAMES)],
        "language": item.get("{http://www.w3.org/XML/1998/namespace}lang"),
        "image": next((one.get("url") for one in item.iterfind("m:content", NAMES)), None),
    }


def _from_json(text: bytes) -> dict[str, Any]:
    [item] = json.loads(text)["items"]
    assert "attachments" not in item
    return {
        "id": item["id"],
        "link": item["url"],
        "title": item["title"],
        "summary": item["summary"],
        "content": item["content_html"],
        "published": datetime.fromisoformat(item["date_published"]),
        "updated": datetime.fromisoformat(item["date_modified"]),
        "authors": [one["name"] for one in item.get("authors", [])],
        "categories": item.get("tags", []),
        "language": item["language"],
        "image": item.get("image"),
    }


def _unescaped(description: str) -> str:
    """RSS reads a description as HTML."""
    return "".join(etree.fromstring(f"<p>{description}</p>").itertext())
